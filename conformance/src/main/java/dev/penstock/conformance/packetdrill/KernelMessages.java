package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import java.util.List;

/** {@code struct iovec} and {@code struct cmsghdr}, written and compared. */
final class KernelMessages {
    private static final int IOVEC = 16;
    private static final int CMSGHDR = 16;
    private static final int CMSG_ALIGN = 8;

    private KernelMessages() {}

    static long total(Arguments a, List<Expression> vectors) throws SkipException, ScriptException {
        long sum = 0;
        for (Expression e : vectors) {
            sum += length(a, e);
        }
        return sum;
    }

    private static long length(Arguments a, Expression vector) throws SkipException, ScriptException {
        if (vector instanceof Expression.Any) {
            return 0;
        }
        Expression.Struct s = a.values.struct(vector);
        Expression named = s.get("iov_len");
        return a.values.number(
                named != null ? named : s.members().get(s.members().size() - 1).value());
    }

    /** Their buffers one behind the other in {@code data}. */
    static NativeBytes vectors(Arguments a, List<Expression> vectors, NativeBytes data)
            throws SkipException, ScriptException {
        NativeBytes n = new NativeBytes((long) IOVEC * Math.max(1, vectors.size()));
        long at = 0;
        for (int i = 0; i < vectors.size(); i++) {
            long length = length(a, vectors.get(i));
            n.putLong(i * IOVEC, data.start() + at).putLong(i * IOVEC + 8, length);
            at += length;
        }
        return n;
    }

    /** What {@code sendmsg} takes along: numbers of four bytes. Null for nothing. */
    static NativeBytes control(Arguments a, Expression e) throws SkipException, ScriptException {
        if (e == null || Values.isNull(e) || Values.isAny(e)) {
            return null;
        }
        List<Expression> messages = Values.elements(e);
        if (messages.isEmpty()) {
            return null;
        }
        NativeBytes n = new NativeBytes(messages.size() * (long) (CMSGHDR + CMSG_ALIGN));
        int at = 0;
        for (Expression m : messages) {
            Expression.Struct s = a.values.struct(m);
            n.putLong(at, CMSGHDR + 4);
            n.putInt(at + 8, a.values.number(s.get("cmsg_level")));
            n.putInt(at + 12, a.values.number(s.get("cmsg_type")));
            n.putInt(at + CMSGHDR, a.values.number(s.get("cmsg_data")));
            at += CMSGHDR + CMSG_ALIGN;
        }
        return n;
    }

    /** Each that the script writes must be there, in this order. */
    static String compareControl(Arguments a, List<Expression> wanted, NativeBytes control, int length)
            throws SkipException, ScriptException {
        int at = 0;
        for (Expression e : wanted) {
            Expression.Struct s = a.values.struct(e);
            if (at + CMSGHDR > length) {
                return "msg_control: expected " + wanted.size() + " messages, got fewer";
            }
            String differs = a.values.compare("cmsg_level", s.get("cmsg_level"), control.intAt(at + 8));
            if (differs == null) {
                differs = a.values.compare("cmsg_type", s.get("cmsg_type"), control.intAt(at + 12));
            }
            Expression data = s.get("cmsg_data");
            int size = (int) control.longAt(at) - CMSGHDR;
            if (differs == null && data instanceof Expression.Struct fields) {
                differs = extendedError(a, fields, control, at + CMSGHDR, size);
            } else if (differs == null && data != null) {
                long actual = size >= 4 ? control.intAt(at + CMSGHDR) : control.b.getByte(at + CMSGHDR) & 0xff;
                differs = a.values.compare("cmsg_data", data, actual);
            }
            if (differs != null) {
                return differs;
            }
            at += CMSGHDR + (size + CMSG_ALIGN - 1) / CMSG_ALIGN * CMSG_ALIGN;
        }
        return null;
    }

    /** {@code struct sock_extended_err}. */
    private static String extendedError(Arguments a, Expression.Struct wanted, NativeBytes c, int at, int size)
            throws SkipException, ScriptException {
        if (size >= 16 && (wanted.get("scm_sec") != null || wanted.get("scm_nsec") != null)) {
            // The kernel's clock is not the script's: that there is one is all that can be said.
            return c.longAt(at) > 0 ? null : "there is no timestamp";
        }
        if (size < 16 || wanted.get("ee_errno") == null) {
            throw a.skip("control data of these members is not supported");
        }
        long[] actual = {
            c.intAt(at) & 0xffff_ffffL,
            c.b.getByte(at + 4) & 0xff,
            c.b.getByte(at + 5) & 0xff,
            c.b.getByte(at + 6) & 0xff,
            c.intAt(at + 8) & 0xffff_ffffL,
            c.intAt(at + 12) & 0xffff_ffffL
        };
        String[] names = {"ee_errno", "ee_origin", "ee_type", "ee_code", "ee_info", "ee_data"};
        for (int i = 0; i < names.length; i++) {
            String differs = a.values.compare(names[i], wanted.get(names[i]), actual[i]);
            if (differs != null) {
                return differs;
            }
        }
        return null;
    }
}
