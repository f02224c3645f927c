package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import java.util.List;

/** Reads and compares {@code struct msghdr}. */
final class MessageHeaders {
    private final Host host;

    MessageHeaders(Host host) {
        this.host = host;
    }

    /** The bytes that the buffers of a message hold. */
    long length(Arguments a, Expression.Struct header) throws SkipException, ScriptException {
        for (Expression.Member m : header.members()) {
            if ("msg_iov".equals(m.name())) {
                return lengthOf(a, Values.elements(m.value()));
            }
        }
        return 0;
    }

    long lengthOf(Arguments a, List<Expression> vectors) throws SkipException, ScriptException {
        long sum = 0;
        for (Expression e : vectors) {
            sum += e instanceof Expression.Any ? 0 : a.values.number(lengthOf(a.values.struct(e)));
        }
        return sum;
    }

    private static Expression lengthOf(Expression.Struct vector) {
        Expression named = vector.get("iov_len");
        return named != null
                ? named
                : vector.members().get(vector.members().size() - 1).value();
    }

    boolean hasControl(Expression.Struct header) {
        Expression control = header.get("msg_control");
        return control != null && !Values.isNull(control) && !Values.isAny(control) && !isEmpty(control);
    }

    private static boolean isEmpty(Expression e) {
        return e instanceof Expression.Array a && a.elements().isEmpty();
    }

    /** What the control data of a message to be sent asks of SO_TIMESTAMPING, the only thing that is known there. */
    long stamps(Arguments a, Expression.Struct header) throws SkipException, ScriptException {
        long flags = 0;
        for (Expression e : Values.elements(header.get("msg_control"))) {
            Expression.Struct c = a.values.struct(e);
            long level = a.values.number(c.get("cmsg_level"));
            long type = a.values.number(c.get("cmsg_type"));
            if (level != a.constant("SOL_SOCKET") || type != a.constant("SO_TIMESTAMPING")) {
                throw a.skip("control data of level " + level + ", type " + type + " is not supported in sendmsg");
            }
            flags |= a.values.number(c.get("cmsg_data"));
        }
        return flags;
    }

    /** What a received message has other than the script demands, or null. */
    String compare(Arguments a, Expression.Struct header, SocketDescriptor s, Transfer t)
            throws SkipException, ScriptException {
        if (t.error != null) {
            String flagsDiffer =
                    a.values.compare("msg_flags", header.get("msg_flags"), a.constant("MSG_ERRQUEUE") & 0xffff_ffffL);
            return flagsDiffer != null || !hasControl(header)
                    ? flagsDiffer
                    : ErrorMessages.compare(a, Values.elements(header.get("msg_control")), s, t.error);
        }
        long flags = (t.cut ? a.constant("MSG_TRUNC") : 0) | (t.urgent ? a.constant("MSG_OOB") : 0);
        String differs = a.values.compare("msg_flags", header.get("msg_flags"), flags);
        if (differs == null && !s.isStream()) {
            differs = a.addresses.compare("msg_name", header.get("msg_name"), t.from);
        }
        if (differs == null && hasControl(header)) {
            differs = control(a, Values.elements(header.get("msg_control")), s);
        }
        return differs;
    }

    private String control(Arguments a, List<Expression> wanted, SocketDescriptor s)
            throws SkipException, ScriptException {
        for (Expression e : wanted) {
            Expression.Struct c = a.values.struct(e);
            long level = a.values.number(c.get("cmsg_level"));
            long type = a.values.number(c.get("cmsg_type"));
            boolean queued = level == a.constant("SOL_TCP") && type == a.constant("TCP_CM_INQ");
            if (!queued || !(s instanceof StreamDescriptor stream)) {
                throw a.skip("control data of level " + level + ", type " + type + " is not supported");
            }
            if (!s.settings.tellsQueued) {
                return "msg_control: expected TCP_CM_INQ, got none; TCP_INQ is not set";
            }
            // "... the bytes remaining to be read; 1 more once the end was received" (tcp_inq_hint()).
            long left = stream.input().readable() + (stream.input().readable() == 0 && stream.finReceived ? 1 : 0);
            String differs = a.values.compare("TCP_CM_INQ", c.get("cmsg_data"), left);
            if (differs != null) {
                return differs;
            }
        }
        return wanted.isEmpty() || host.profile() == Profile.LINUX ? null : "msg_control: expected some, got none";
    }
}
