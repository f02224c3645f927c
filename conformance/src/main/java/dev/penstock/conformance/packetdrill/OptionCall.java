package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;

/** One {@code getsockopt} or {@code setsockopt}. */
final class OptionCall {
    final Arguments a;
    final SocketDescriptor s;
    final Expression value;

    OptionCall(Arguments a, SocketDescriptor s) {
        this.a = a;
        this.s = s;
        this.value = a.at(3);
    }

    /** Null unless it is a TCP socket. */
    StreamDescriptor stream() {
        return s instanceof StreamDescriptor stream ? stream : null;
    }

    /** The option as the script writes it. */
    String label() {
        Expression e = a.at(2);
        return e instanceof Expression.Name n ? n.name() : e.toString();
    }

    /** What to set. */
    long number() throws SkipException, ScriptException {
        return a.values.number(value);
    }

    SkipException skip(String reason) {
        return a.skip(label() + ": " + reason);
    }

    /** What {@code getsockopt} answers. */
    Result is(long actual) throws SkipException, ScriptException {
        // A number of four bytes, whichever sign the script gives it.
        boolean same = !Values.isAny(value) && !Values.isNull(value) && (int) number() == (int) actual;
        Result r = same ? Result.OK : Result.OK.differing(a.values.compare(label(), value, actual));
        Expression length = a.at(4);
        return Values.isNull(length) ? r : r.differing(a.values.compare("optlen", length, 4));
    }

    Result is(String actual) throws ScriptException {
        return Result.OK.differing(a.values.compareText(label(), value, actual));
    }

    /** Members of a struct: name, actual value, name, actual value, ... */
    Result are(Object... namesAndValues) throws SkipException, ScriptException {
        if (Values.isAny(value)) {
            return Result.OK;
        }
        Expression.Struct wanted = a.values.struct(value);
        Result r = Result.OK;
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String name = (String) namesAndValues[i];
            r = r.differing(a.values.compare(name, member(wanted, name), (Long) namesAndValues[i + 1]));
        }
        return r;
    }

    /** A member of the struct to set; {@code l_onoff} may be written {@code onoff}, too. */
    long member(String name) throws SkipException, ScriptException {
        Expression e = member(a.values.struct(value), name);
        if (e == null) {
            throw new ScriptException(a.values.line(), label() + " needs " + name);
        }
        return a.values.number(e);
    }

    private static Expression member(Expression.Struct s, String name) {
        Expression e = s.get(name);
        return e != null ? e : s.get(name.substring(name.indexOf('_') + 1));
    }
}
