package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.stack.wire.IpAddress;

/** Reads and compares {@code struct sockaddr} arguments. */
final class Addresses {
    private final Values values;

    Addresses(Values values) {
        this.values = values;
    }

    /**
     * The address in {@code e}, with {@code meant} for {@code ...}; null for NULL.
     *
     * @param meant what a script means that writes no address
     */
    Endpoint read(Expression e, Endpoint meant) throws SkipException, ScriptException {
        if (Values.isAny(e)) {
            return meant;
        }
        if (Values.isNull(e)) {
            return null;
        }
        Expression.Struct s = values.struct(e);
        Expression port = first(s, "sin_port", "sin6_port");
        Expression address = first(s, "sin_addr", "sin6_addr");
        IpAddress ip =
                address == null || Values.isAny(address) ? new IpAddress(meant.hi(), meant.lo()) : address(address);
        int number = port == null || Values.isAny(port) ? meant.port() : (int) values.number(port) & 0xffff;
        return new Endpoint(ip.hi(), ip.lo(), number);
    }

    /** {@code sa_family} or {@code sin_family} as written; -1 if it is not. */
    long family(Expression e) throws SkipException, ScriptException {
        if (!(e instanceof Expression.Struct s)) {
            return -1;
        }
        Expression family = first(s, "sa_family", "sin_family", "sin6_family");
        return family == null || Values.isAny(family) ? -1 : values.number(family);
    }

    /** What differs between an out-argument and the address that there is; null for nothing. */
    String compare(String what, Expression expected, Endpoint actual) throws SkipException, ScriptException {
        if (expected == null || Values.isAny(expected) || Values.isNull(expected)) {
            return null;
        }
        if (actual == null) {
            return what + ": expected an address, got none";
        }
        Endpoint wanted = read(expected, actual);
        return wanted.equals(actual) ? null : what + ": expected " + text(wanted) + ", got " + text(actual);
    }

    private static Expression first(Expression.Struct s, String... names) {
        for (String name : names) {
            Expression e = s.get(name);
            if (e != null) {
                return e;
            }
        }
        return null;
    }

    private IpAddress address(Expression e) throws SkipException, ScriptException {
        if (e instanceof Expression.Text t) {
            return parse(t.value());
        }
        if (e instanceof Expression.Function f) {
            for (Expression argument : f.arguments()) {
                if (argument instanceof Expression.Text t) {
                    return parse(t.value());
                }
            }
            return address(f.arguments().get(0));
        }
        if (e instanceof Expression.Struct s && !s.members().isEmpty()) {
            return address(s.members().get(0).value());
        }
        return IpAddress.ofV4((int) values.number(e));
    }

    private IpAddress parse(String text) throws ScriptException {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException notOne) {
            throw new ScriptException(values.line(), notOne.getMessage());
        }
    }

    static String text(Endpoint e) {
        String address = new IpAddress(e.hi(), e.lo()).toString();
        return address.indexOf(':') >= 0 ? "[" + address + "]:" + e.port() : address + ":" + e.port();
    }
}
