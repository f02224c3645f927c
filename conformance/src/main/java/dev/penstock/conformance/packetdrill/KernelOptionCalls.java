package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import java.math.BigInteger;
import java.util.Map;

/** {@code getsockopt} and {@code setsockopt}: what is a number, a text, a linger, a time or {@code TCP_INFO}. */
final class KernelOptionCalls extends KernelCallGroup {
    private static final int MOST = 512;
    private static final int SOL_SOCKET = 1;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;

    KernelOptionCalls(KernelCalls calls) {
        super(calls);
    }

    @Override
    NativeCall prepare(Arguments a) throws SkipException, ScriptException {
        return switch (a.call.name()) {
            case "setsockopt" -> set(a);
            case "getsockopt" -> get(a);
            default -> null;
        };
    }

    /** The members of the structs that options have, and how many bytes each has. */
    private static String[] members(Arguments a, int level, int name) {
        if (level == SOL_SOCKET && name == a.constant("SO_LINGER")) {
            return new String[] {"l_onoff", "4", "l_linger", "4"};
        }
        boolean time = name == a.constant("SO_RCVTIMEO") || name == a.constant("SO_SNDTIMEO");
        return level == SOL_SOCKET && time ? new String[] {"tv_sec", "8", "tv_usec", "8"} : null;
    }

    private static Expression member(Expression.Struct s, String name) {
        Expression e = s.get(name);
        return e != null ? e : s.get(name.substring(name.indexOf('_') + 1));
    }

    private NativeCall set(Arguments a) throws SkipException, ScriptException {
        a.expect(5, 5);
        int fd = descriptor(a, 0).fd();
        int level = (int) a.number(1);
        int name = (int) a.number(2);
        NativeBytes value = value(a, level, name);
        int length = (int) a.number(4, value.length);
        return NativeCall.of(c -> c.setsockopt(fd, level, name, value.start(), Math.min(length, value.length)));
    }

    private static NativeBytes value(Arguments a, int level, int name) throws SkipException, ScriptException {
        Expression e = a.at(3);
        if (isText(e)) {
            return NativeBytes.text(a.values.text(e));
        }
        String[] members = members(a, level, name);
        boolean struct = e instanceof Expression.Struct
                || e instanceof Expression.Array x
                        && x.elements().size() == 1
                        && x.elements().get(0) instanceof Expression.Struct;
        if (!struct) {
            NativeBytes value = new NativeBytes(Math.max(4, Math.min(MOST, a.number(4, 4))));
            long number = a.values.number(e);
            return value.length >= 8 ? value.putLong(0, number) : value.putInt(0, number);
        }
        if (members == null) {
            throw a.skip("the struct of this option is not supported");
        }
        NativeBytes value = new NativeBytes(16);
        int at = 0;
        for (int i = 0; i < members.length; i += 2) {
            Expression m = member(a.values.struct(e), members[i]);
            if (m == null) {
                throw new ScriptException(a.values.line(), "the option needs " + members[i]);
            }
            if (members[i + 1].equals("4")) {
                value.putInt(at, a.values.number(m));
            } else {
                value.putLong(at, a.values.number(m));
            }
            at += Integer.parseInt(members[i + 1]);
        }
        return value;
    }

    private static boolean isText(Expression e) {
        return e instanceof Expression.Text
                || e instanceof Expression.Array x
                        && x.elements().size() == 1
                        && x.elements().get(0) instanceof Expression.Text;
    }

    private NativeCall get(Arguments a) throws SkipException, ScriptException {
        a.expect(5, 5);
        int fd = descriptor(a, 0).fd();
        int level = (int) a.number(1);
        int name = (int) a.number(2);
        NativeBytes value = new NativeBytes(MOST);
        NativeBytes length = NativeBytes.ofInt(asked(a));
        return new NativeCall() {
            @Override
            long make() {
                return n.told(n.c().getsockopt(fd, level, name, value.start(), length.start()));
            }

            @Override
            String differs(long result) throws SkipException, ScriptException {
                return compare(a, level, name, value, length.intAt(0));
            }
        };
    }

    /** The script writes how many bytes there will be; as many at least are asked for. */
    private static int asked(Arguments a) throws SkipException, ScriptException {
        boolean number = a.at(3) instanceof Expression.Int
                || a.at(3) instanceof Expression.Array x
                        && x.elements().size() == 1
                        && !(x.elements().get(0) instanceof Expression.Struct)
                        && !isText(a.at(3));
        return number ? (int) Math.min(MOST, a.number(4, 4)) : MOST;
    }

    private static String compare(Arguments a, int level, int name, NativeBytes value, int length)
            throws SkipException, ScriptException {
        Expression wanted = a.at(3);
        if (Values.isAny(wanted) || Values.isNull(wanted)) {
            return null;
        }
        if (isText(wanted)) {
            return a.values.compareText("value", wanted, value.textAt(0, length));
        }
        if (level == IPPROTO_TCP && name == TCP_INFO) {
            Map<String, BigInteger> members = KernelInfo.members(value, length);
            for (Expression.Member m : a.values.struct(wanted).members()) {
                BigInteger actual = members.get(m.name());
                if (actual == null) {
                    throw a.skip("there is no member " + m.name());
                }
                String differs = a.values.compare(m.name(), m.value(), actual.longValue());
                if (differs != null) {
                    return differs;
                }
            }
            return null;
        }
        String[] members = members(a, level, name);
        if (members == null) {
            long actual = length >= 8 ? value.longAt(0) : length >= 4 ? value.intAt(0) : value.b.getByte(0) & 0xff;
            String differs = a.values.compare("value", wanted, actual);
            Expression size = a.at(4);
            boolean sized = size instanceof Expression.Array || size instanceof Expression.Int;
            return differs != null || !sized ? differs : a.values.compare("optlen", size, length);
        }
        int at = 0;
        for (int i = 0; i < members.length; i += 2) {
            long actual = members[i + 1].equals("4") ? value.intAt(at) : value.longAt(at);
            String differs = a.values.compare(members[i], member(a.values.struct(wanted), members[i]), actual);
            if (differs != null) {
                return differs;
            }
            at += Integer.parseInt(members[i + 1]);
        }
        return null;
    }
}
