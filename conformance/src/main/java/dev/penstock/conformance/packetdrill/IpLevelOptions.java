package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpState;

/** Options of IPPROTO_IP and IPPROTO_IPV6. */
final class IpLevelOptions {
    private static final String V4 = "IPPROTO_IP";
    private static final String V6 = "IPPROTO_IPV6";
    private static final int DEFAULT_TTL = 64;

    private IpLevelOptions() {}

    static void addTo(OptionTable t) {
        SocketOption tos = SocketOption.of(IpLevelOptions::tos, IpLevelOptions::setTos);
        SocketOption ttl = SocketOption.of(IpLevelOptions::ttl, IpLevelOptions::setTtl);
        t.put(V4, "IP_TOS", tos);
        t.put(V4, "IP_TTL", ttl);
        t.put(V6, "IPV6_TCLASS", tos);
        t.put(V6, "IPV6_UNICAST_HOPS", ttl);
        t.put(V4, "IP_MTU", mtu());
        t.put(V6, "IPV6_MTU", mtu());
        discovery(t, V4, "IP_MTU_DISCOVER");
        discovery(t, V6, "IPV6_MTU_DISCOVER");
        t.put(V6, "IPV6_V6ONLY", SocketOption.of(s -> s.settings.onlyV6 ? 1 : 0, (s, v) -> {
            s.settings.onlyV6 = v != 0;
            return null;
        }));
        harmless(t);
        missing(t);
    }

    private static void discovery(OptionTable t, String level, String name) {
        // 1 is WANT, the default; 2 is DO, which for TCP is the same: DF on everything, and ICMP is listened to.
        t.rememberIf(level, name, 1, v -> v == 1 || v == 2, "path MTU discovery cannot be turned off for one socket");
    }

    private static void harmless(OptionTable t) {
        t.remember(V4, "IP_BIND_ADDRESS_NO_PORT", 0);
        t.remember(V4, "IP_RECVTTL", 0);
        t.remember(V4, "IP_RECVTOS", 0);
        t.remember(V4, "IP_PKTINFO", 0);
        t.remember(V4, "IP_FREEBIND", 0);
        t.remember(V6, "IPV6_RECVTCLASS", 0);
        t.remember(V6, "IPV6_RECVHOPLIMIT", 0);
        t.remember(V6, "IPV6_DONTFRAG", 0);
        t.remember(V6, "IPV6_AUTOFLOWLABEL", 0);
        t.rememberIf(V4, "IP_DONTFRAG", 1, v -> v != 0, "DF cannot be taken off TCP's packets");
        t.rememberIf(V4, "IP_RECVERR", 0, v -> v == 0, "errors of the path are not queued, or told before the timeout");
        t.rememberIf(
                V6, "IPV6_RECVERR", 0, v -> v == 0, "errors of the path are not queued, or told before the timeout");
    }

    private static void missing(OptionTable t) {
        t.rememberIf(V4, "IP_MINTTL", 0, v -> v == 0, "GTSM is not supported");
        t.put(V4, "IP_OPTIONS", SocketOption.missing("no IP options are sent"));
        t.put(V4, "IP_HDRINCL", SocketOption.missing("there are no raw sockets"));
        t.put(V4, "IP_TRANSPARENT", SocketOption.missing("addresses of others cannot be bound"));
        t.put(V6, "IPV6_FLOWINFO_SEND", SocketOption.missing("flow labels cannot be chosen"));
        t.put(V6, "IPV6_FLOWINFO", SocketOption.missing("flow labels cannot be chosen"));
        t.put(V6, "IPV6_FLOWLABEL_MGR", SocketOption.missing("flow labels cannot be chosen"));
        t.put(V6, "IPV6_USE_MIN_MTU", SocketOption.missing("the path's MTU is used"));
    }

    private static long tos(SocketDescriptor s) {
        return s instanceof StreamDescriptor d ? d.options().tos : s.settings.tos;
    }

    private static Errno setTos(SocketDescriptor s, long value) {
        long wanted = value == -1 ? 0 : value;
        if (s.isLinux() && s.family == Constants.get("AF_INET", s.host.profile())) {
            // ip_setsockopt(): what fits in the byte, and the ECN bits of a stream are TCP's own.
            wanted = value & (s.isStream() ? 0xfc : 0xff);
        }
        if (wanted < 0 || wanted > 255) {
            return Errno.EINVAL;
        }
        s.settings.tos = (int) wanted;
        if (s instanceof DatagramDescriptor d) {
            d.endpoint().setTos((int) wanted);
            return null;
        }
        return SocketOption.apply(s, TcpOption.IP_TOS, (int) wanted);
    }

    private static long ttl(SocketDescriptor s) {
        return s instanceof StreamDescriptor d ? TcpOption.IP_TTL.get(d.options()) : s.settings.ttl;
    }

    private static Errno setTtl(SocketDescriptor s, long value) {
        long wanted = value == -1 ? DEFAULT_TTL : value;
        if (wanted < 1 || wanted > 255) {
            return Errno.EINVAL;
        }
        s.settings.ttl = (int) wanted;
        if (s instanceof DatagramDescriptor d) {
            d.endpoint().setTtl((int) wanted);
            return null;
        }
        return SocketOption.apply(s, TcpOption.IP_TTL, (int) wanted);
    }

    private static SocketOption mtu() {
        TcpInfo info = new TcpInfo();
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                StreamDescriptor s = o.stream();
                if (s == null) {
                    throw o.skip("the path of a UDP socket is not told");
                }
                if (s.connection() == null || s.state() == TcpState.CLOSED) {
                    return Result.error(Errno.ENOTCONN);
                }
                s.connection().info(info, s.clock());
                return o.is(info.pathMtu);
            }

            @Override
            public Result set(OptionCall o) throws SkipException {
                throw o.skip("the path's MTU is not the socket's");
            }
        };
    }
}
