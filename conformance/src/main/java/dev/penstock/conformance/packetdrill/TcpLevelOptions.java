package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.code.InfoNames;
import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpState;
import java.util.Map;
import java.util.function.LongPredicate;

/** Options of IPPROTO_TCP. */
final class TcpLevelOptions {
    private static final String LEVEL = "IPPROTO_TCP";
    private static final int LEAST_MSS = 88;
    private static final long SECOND = 1_000_000_000L;
    private static final long SOMAXCONN = 4_096;
    /** SOCK_MIN_RCVBUF / 2. */
    private static final int LEAST_CLAMP = 1_152;

    private TcpLevelOptions() {}

    static void addTo(OptionTable t) {
        t.put(LEVEL, "TCP_NODELAY", SocketOption.flag(TcpOption.TCP_NODELAY));
        t.put(LEVEL, "TCP_CORK", SocketOption.flag(TcpOption.TCP_CORK));
        t.put(LEVEL, "TCP_NOPUSH", SocketOption.flag(TcpOption.TCP_CORK));
        t.put(LEVEL, "TCP_QUICKACK", quickAck());
        t.put(LEVEL, "TCP_KEEPIDLE", SocketOption.number(TcpOption.TCP_KEEPIDLE));
        t.put(LEVEL, "TCP_KEEPINTVL", SocketOption.number(TcpOption.TCP_KEEPINTVL));
        t.put(LEVEL, "TCP_KEEPCNT", SocketOption.number(TcpOption.TCP_KEEPCNT));
        t.put(LEVEL, "TCP_USER_TIMEOUT", SocketOption.number(TcpOption.TCP_USER_TIMEOUT));
        t.put(LEVEL, "TCP_NOTSENT_LOWAT", SocketOption.of(s -> s.settings.notSentLowat & 0xffff_ffffL, (s, v) -> {
            s.settings.notSentLowat = (int) v;
            return null;
        }));
        t.put(
                LEVEL,
                "TCP_SYNCNT",
                SocketOption.of(
                        s -> orElse(((StreamDescriptor) s).options().synRetries, s.host.tcp().synRetries),
                        (s, v) -> v < 1 || v > 127
                                ? Errno.EINVAL
                                : SocketOption.apply(s, TcpOption.TCP_SYNCNT, (int) v)));
        // Linux: 0 means the default, and nobody waits longer than two minutes.
        t.put(
                LEVEL,
                "TCP_LINGER2",
                SocketOption.of(
                        TcpLevelOptions::finWait2,
                        (s, v) -> SocketOption.apply(s, TcpOption.TCP_LINGER2, v < 0 ? -1 : (int) Math.min(120, v))));
        t.put(
                LEVEL,
                "TCP_DEFER_ACCEPT",
                SocketOption.of(
                        s -> wholeTimeouts(TcpOption.TCP_DEFER_ACCEPT.get(((StreamDescriptor) s).options())),
                        (s, v) -> SocketOption.apply(
                                s, TcpOption.TCP_DEFER_ACCEPT, (int) Math.max(0, Math.min(v, 32_767)))));
        t.put(
                LEVEL,
                "TCP_WINDOW_CLAMP",
                SocketOption.of(
                        s -> ((StreamDescriptor) s).options().windowClamp,
                        (s, v) -> SocketOption.apply(
                                s, TcpOption.TCP_WINDOW_CLAMP, v == 0 ? 0 : (int) Math.max(LEAST_CLAMP, v))));
        t.put(LEVEL, "TCP_MAXSEG", SocketOption.of(TcpLevelOptions::maxSegment, TcpLevelOptions::setMaxSegment));
        t.put(LEVEL, "TCP_INQ", SocketOption.of(s -> s.settings.tellsQueued ? 1 : 0, (s, v) -> {
            s.settings.tellsQueued = v != 0;
            return v < 0 || v > 1 ? Errno.EINVAL : null;
        }));
        t.put(LEVEL, "TCP_CONGESTION", congestion());
        t.put(LEVEL, "TCP_FUNCTION_BLK", functions());
        t.put(LEVEL, "TCP_INFO", info());
        // Linux keeps it for old programs; what it asked for is what RACK does anyway.
        t.remember(LEVEL, "TCP_THIN_DUPACK", 0);
        missing(t);
    }

    /** Linux tells whether the connection is not interactive, as it begins; who sets it hears what was set. */
    private static SocketOption quickAck() {
        return SocketOption.of(
                s -> {
                    boolean set = s.settings.quickAckSet || !s.isLinux();
                    return set && !TcpOption.TCP_QUICKACK.get(((StreamDescriptor) s).options()) ? 0 : 1;
                },
                (s, v) -> {
                    s.settings.quickAckSet = true;
                    return SocketOption.apply(s, TcpOption.TCP_QUICKACK, v != 0);
                });
    }

    private static long finWait2(SocketDescriptor s) {
        int set = TcpOption.TCP_LINGER2.get(((StreamDescriptor) s).options());
        return set == 0 ? s.host.tcp().finWait2Ns / SECOND : set;
    }

    /** Linux keeps the number of SYN-ACK timeouts, 1, 2, 4 ... seconds apart, and tells their sum. */
    private static long wholeTimeouts(long seconds) {
        long sum = 0;
        long next = 1;
        for (int n = 0; sum < seconds && n < 255; n++) {
            sum += next;
            next = Math.min(2 * next, 120);
        }
        return sum;
    }

    private static int orElse(int value, int otherwise) {
        return value > 0 ? value : otherwise;
    }

    private static void missing(OptionTable t) {
        if (t.profile() == Profile.LINUX) {
            fastOpen(t);
            remembered(t);
        } else {
            t.put(LEVEL, "TCP_FASTOPEN", SocketOption.missing("TCP Fast Open is not supported"));
        }
        t.put(LEVEL, "TCP_MD5SIG", SocketOption.missing("RFC 2385 is not supported"));
        t.put(LEVEL, "TCP_MD5SIG_EXT", SocketOption.missing("RFC 2385 is not supported"));
        t.put(LEVEL, "TCP_AO_ADD_KEY", SocketOption.missing("RFC 5925 is not supported"));
        t.put(LEVEL, "TCP_TIMESTAMP", SocketOption.missing("the timestamp clock cannot be set"));
        t.put(LEVEL, "TCP_ULP", SocketOption.missing("there are no protocols above TCP"));
        t.put(LEVEL, "TCP_SAVED_SYN", SocketOption.missing("SYNs are not kept"));
        t.put(LEVEL, "TCP_ZEROCOPY_RECEIVE", SocketOption.missing("not supported"));
        t.put(LEVEL, "TCP_CC_INFO", SocketOption.missing("not supported"));
        t.put(LEVEL, "TCP_NOOPT", SocketOption.missing("options cannot be left out for one socket"));
        t.put(LEVEL, "TCP_KEEPINIT", SocketOption.missing("SYNs are given up by their number, not by time"));
        t.put(LEVEL, "TCP_REMOTE_UDP_ENCAPS_PORT", SocketOption.missing("TCP over UDP is not supported"));
        t.put(LEVEL, "TCP_FIN_IS_RST", SocketOption.missing("not supported"));
        t.put(LEVEL, "TCP_CCALGOOPT", SocketOption.missing("congestion controls have no options"));
    }

    /**
     * A queue for Fast Open says nothing as long as net.ipv4.tcp_fastopen, which is not supported, does not let servers have it.
     */
    private static void fastOpen(OptionTable t) {
        long key = OptionTable.key(Constants.get(LEVEL, t.profile()), Constants.get("TCP_FASTOPEN", t.profile()));
        t.put(LEVEL, "TCP_FASTOPEN", SocketOption.of(s -> s.settings.remembered.getOrDefault(key, 0L), (s, v) -> {
            boolean open = s instanceof StreamDescriptor d && d.connection() != null;
            if (v < 0 || open) {
                return Errno.EINVAL;
            }
            s.settings.remembered.put(key, Math.min(v, SOMAXCONN));
            return null;
        }));
        for (String name : new String[] {"TCP_FASTOPEN_CONNECT", "TCP_FASTOPEN_NO_COOKIE"}) {
            t.rememberIf(LEVEL, name, 0, v -> v == 0, "TCP Fast Open is not supported");
        }
        t.put(LEVEL, "TCP_FASTOPEN_KEY", SocketOption.missing("TCP Fast Open is not supported"));
    }

    /** Those whose default is what happens anyway. */
    private static void remembered(OptionTable t) {
        range(t, "TCP_SAVE_SYN", 0, 0, 2, v -> true, "");
        range(t, "TCP_THIN_LINEAR_TIMEOUTS", 0, 0, 1, v -> v == 0, "timeouts always back off");
        range(t, "TCP_TX_DELAY", 0, 0, Integer.MAX_VALUE, v -> v == 0, "segments cannot be delayed");
        range(t, "TCP_REPAIR", 0, -1, 1, v -> v == 0, "sockets cannot be taken apart");
        range(t, "TCP_RTO_MAX_MS", 120_000, 1_000, 120_000, v -> v == 120_000, "the longest RTO is the system's");
    }

    private static void range(
            OptionTable t, String name, long initially, long least, long most, LongPredicate harmless, String reason) {
        long key = OptionTable.key(Constants.get(LEVEL, t.profile()), Constants.get(name, t.profile()));
        SocketOption kept = SocketOption.onlyIf(key, initially, harmless, reason);
        t.put(LEVEL, name, new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                return kept.get(o);
            }

            @Override
            public Result set(OptionCall o) throws SkipException, ScriptException {
                boolean valid = o.number() >= least && o.number() <= most;
                return valid ? kept.set(o) : Result.error(Errno.EINVAL);
            }
        });
    }

    /** Linux tells the segment size in use, without options, once there is one. */
    private static long maxSegment(SocketDescriptor s) {
        StreamDescriptor d = (StreamDescriptor) s;
        int set = d.options().maxSegment;
        boolean before = d.state() == TcpState.CLOSED || d.state() == TcpState.LISTEN;
        if (d.connection() == null || before) {
            return set > 0 ? set : 536;
        }
        TcpInfo info = new TcpInfo();
        d.connection().info(info, d.clock());
        return info.sendMss;
    }

    private static Errno setMaxSegment(SocketDescriptor s, long value) {
        if (value != 0 && (value < LEAST_MSS || value > 32_767)) {
            return Errno.EINVAL;
        }
        return SocketOption.apply(s, TcpOption.TCP_MAXSEG, (int) value);
    }

    private static SocketOption congestion() {
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws ScriptException {
                String name = o.stream().options().congestion;
                return o.is(!o.s.isLinux() && name.equals("reno") ? "newreno" : name);
            }

            @Override
            public Result set(OptionCall o) throws SkipException, ScriptException {
                String name = o.a.values.text(o.value);
                String ours = name.equals("newreno") ? "reno" : name;
                if (!ours.equals("reno") && !ours.equals("cubic")) {
                    throw o.skip("the congestion control '" + name + "' is not there; cubic and reno are");
                }
                SocketOption.apply(o.s, TcpOption.TCP_CONGESTION, ours);
                return Result.OK;
            }
        };
    }

    /** FreeBSD's choice of TCP stacks: there is one here, which does what all of them have to. */
    private static SocketOption functions() {
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                if (Values.isAny(o.value)) {
                    return Result.OK;
                }
                Expression name = o.a.values.struct(o.value).get("function_set_name");
                return Result.OK.differing(o.a.values.compareText("function_set_name", name, "freebsd"));
            }

            @Override
            public Result set(OptionCall o) throws SkipException, ScriptException {
                Expression name = o.a.values.struct(o.value).get("function_set_name");
                String wanted = name == null ? "" : o.a.values.text(name);
                if (!wanted.equals("freebsd")) {
                    throw o.skip("there is no TCP stack '" + wanted + "' here, only 'freebsd'");
                }
                return Result.OK;
            }
        };
    }

    private static SocketOption info() {
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                if (Values.isAny(o.value)) {
                    return Result.OK;
                }
                StreamDescriptor d = o.stream();
                TcpInfo info = new TcpInfo();
                if (d.connection() != null) {
                    d.connection().info(info, d.clock());
                }
                info.state = d.state();
                Map<String, Object> members = o.s.isLinux() ? InfoNames.linux(info) : InfoNames.bsd(info);
                Result r = Result.OK;
                for (Expression.Member m : o.a.values.struct(o.value).members()) {
                    if (!(members.get(m.name()) instanceof Number actual)) {
                        throw o.skip("there is no member " + m.name());
                    }
                    r = r.differing(o.a.values.compare(m.name(), m.value(), actual.longValue()));
                }
                return r;
            }

            @Override
            public Result set(OptionCall o) {
                return Result.error(Errno.ENOPROTOOPT);
            }
        };
    }
}
