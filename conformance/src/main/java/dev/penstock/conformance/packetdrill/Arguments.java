package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.conformance.packetdrill.script.SystemCall;

/** The arguments of one system call of a script. */
final class Arguments {
    final SystemCall call;
    final Values values;
    final Addresses addresses;

    Arguments(SystemCall call, int line, Profile profile) {
        this.call = call;
        this.values = new Values(profile, line);
        this.addresses = new Addresses(values);
    }

    int size() {
        return call.arguments().size();
    }

    /** @throws ScriptException if there are other than {@code least .. most} */
    void expect(int least, int most) throws ScriptException {
        if (size() < least || size() > most) {
            String wanted = least == most ? Integer.toString(least) : least + " to " + most;
            throw new ScriptException(
                    values.line(), call.name() + " takes " + wanted + " arguments; there are " + size());
        }
    }

    /** Null where there are not so many. */
    Expression at(int i) {
        return i < size() ? call.arguments().get(i) : null;
    }

    long number(int i) throws SkipException, ScriptException {
        return values.number(at(i));
    }

    /** {@code otherwise} where it is not written, or is {@code ...}. */
    long number(int i, long otherwise) throws SkipException, ScriptException {
        Expression e = at(i);
        return e == null || Values.isAny(e) ? otherwise : values.number(e);
    }

    int constant(String name) {
        return Constants.get(name, values.profile());
    }

    boolean has(long flags, String name) {
        int bit = constant(name);
        return bit != Integer.MIN_VALUE && (flags & bit) != 0;
    }

    SkipException skip(String reason) {
        return new SkipException(values.line(), reason);
    }
}
