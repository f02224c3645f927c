package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import java.util.List;

/** Compares the control data of a message from Linux's error queue: its timestamp, and {@code struct sock_extended_err}. */
final class ErrorMessages {
    private static final long SECOND = 1_000_000_000L;
    /** What a timestamp may be off by. */
    private static final long TOLERANCE_NS = 4_000_000;

    private ErrorMessages() {}

    static String compare(Arguments a, List<Expression> wanted, SocketDescriptor s, QueuedError error)
            throws SkipException, ScriptException {
        boolean stamped = false;
        boolean extended = false;
        for (Expression e : wanted) {
            Expression.Struct c = a.values.struct(e);
            long level = a.values.number(c.get("cmsg_level"));
            long type = a.values.number(c.get("cmsg_type"));
            String differs;
            if (level == a.constant("SOL_SOCKET") && type == a.constant("SCM_TIMESTAMPING") && error.stampNs() >= 0) {
                stamped = true;
                differs = stamp(a, c.get("cmsg_data"), error.stampNs());
            } else if (isExtended(a, s, level, type)) {
                extended = true;
                differs = extended(a, c.get("cmsg_data"), error);
            } else {
                return "msg_control: there is no message of level " + level + ", type " + type;
            }
            if (differs != null) {
                return differs;
            }
        }
        if (!extended) {
            return "msg_control: expected " + wanted.size() + " messages, got one of IP_RECVERR, too";
        }
        return stamped || error.stampNs() < 0 ? null : "msg_control: there is one of SCM_TIMESTAMPING, too";
    }

    private static boolean isExtended(Arguments a, SocketDescriptor s, long level, long type) {
        boolean v6 = s.family == a.constant("AF_INET6");
        return level == a.constant(v6 ? "SOL_IPV6" : "SOL_IP")
                && type == a.constant(v6 ? "IPV6_RECVERR" : "IP_RECVERR");
    }

    private static String stamp(Arguments a, Expression e, long actualNs) throws SkipException, ScriptException {
        if (e == null || Values.isAny(e)) {
            return null;
        }
        Expression.Struct w = a.values.struct(e);
        long sec = number(a, w, 0, "scm_sec", "tv_sec");
        long nsec = number(a, w, 1, "scm_nsec", "tv_nsec");
        long wantedNs = sec * SECOND + nsec;
        return Math.abs(wantedNs - actualNs) <= TOLERANCE_NS
                ? null
                : "timestamp: expected " + Times.text(wantedNs) + ", got " + Times.text(actualNs);
    }

    private static long number(Arguments a, Expression.Struct w, int place, String... names)
            throws SkipException, ScriptException {
        for (String name : names) {
            if (w.get(name) != null) {
                return a.values.number(w.get(name));
            }
        }
        return w.members().size() > place
                ? a.values.number(w.members().get(place).value())
                : 0;
    }

    private static String extended(Arguments a, Expression e, QueuedError error) throws SkipException, ScriptException {
        if (e == null || Values.isAny(e)) {
            return null;
        }
        Expression.Struct w = a.values.struct(e);
        String[] names = {"ee_errno", "ee_origin", "ee_type", "ee_code", "ee_info", "ee_data"};
        long[] actual = {error.errno(), error.origin(), error.type(), error.code(), error.info(), error.data()};
        for (int i = 0; i < names.length; i++) {
            String differs = a.values.compare(names[i], w.get(names[i]), actual[i]);
            if (differs != null) {
                return differs;
            }
        }
        return null;
    }
}
