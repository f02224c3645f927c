package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpState;

/** Options of SOL_SOCKET. */
final class SocketLevelOptions {
    private static final String LEVEL = "SOL_SOCKET";
    private static final long SECOND = 1_000_000_000L;

    private SocketLevelOptions() {}

    static void addTo(OptionTable t) {
        buffers(t);
        addresses(t);
        times(t);
        facts(t);
        flow(t);
        harmless(t);
        for (String name : new String[] {"SO_TIMESTAMP", "SO_TIMESTAMPNS"}) {
            t.rememberIf(LEVEL, name, 0, v -> v == 0, "timestamps of packets are not told");
        }
        t.put(LEVEL, "SO_TXTIME", SocketOption.missing("times of departure are not supported"));
        t.put(LEVEL, "SO_ATTACH_FILTER", SocketOption.missing("there are no packet filters"));
        t.put(LEVEL, "SO_ACCEPTFILTER", SocketOption.missing("there are no accept filters"));
        t.put(LEVEL, "SO_MEMINFO", SocketOption.missing("the stack counts its memory otherwise"));
        t.rememberIf(LEVEL, "SO_PEEK_OFF", -1, v -> v < 0, "peeking goes on from the beginning");
    }

    private static void buffers(OptionTable t) {
        for (String name : new String[] {"SO_SNDBUF", "SO_SNDBUFFORCE"}) {
            t.put(LEVEL, name, SocketOption.of(BufferSizes::send, BufferSizes::setSend));
        }
        for (String name : new String[] {"SO_RCVBUF", "SO_RCVBUFFORCE"}) {
            t.put(LEVEL, name, SocketOption.of(BufferSizes::receive, BufferSizes::setReceive));
        }
        t.put(LEVEL, "SO_RCVLOWAT", SocketOption.of(s -> s.settings.receiveLowWater, (s, v) -> {
            s.settings.receiveLowWater = lowWater(s, v);
            s.wake(Descriptor.POLLIN | Descriptor.POLLRDNORM);
            s.table.retry();
            return null;
        }));
        boolean linux = t.profile() == Profile.LINUX;
        t.put(
                LEVEL,
                "SO_SNDLOWAT",
                linux ? SocketOption.readOnly(s -> 1) : SocketOption.missing("the least room to write is fixed here"));
    }

    /** tcp_set_rcvlowat(): at most half of what the buffer may become. */
    private static int lowWater(SocketDescriptor s, long value) {
        long wanted = value < 0 ? Integer.MAX_VALUE : Math.max(1, value);
        if (!s.isLinux() || !s.isStream()) {
            return (int) Math.min(wanted, Integer.MAX_VALUE);
        }
        long most = s.settings.receiveBuffer > 0 ? s.settings.receiveBuffer : s.host.memory().receiveMost;
        return (int) Math.min(wanted, most / 2);
    }

    private static void addresses(OptionTable t) {
        t.put(LEVEL, "SO_REUSEADDR", SocketOption.of(s -> s.settings.reuseAddress ? 1 : 0, (s, v) -> {
            s.settings.reuseAddress = v != 0;
            return null;
        }));
        t.put(LEVEL, "SO_REUSEPORT", SocketOption.of(s -> s.settings.reusePort ? 1 : 0, (s, v) -> {
            s.settings.reusePort = v != 0;
            return null;
        }));
    }

    private static void times(OptionTable t) {
        t.put(LEVEL, "SO_LINGER", new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                SocketSettings have = o.s.settings;
                return o.are("l_onoff", have.lingerOn ? 1L : 0L, "l_linger", (long) have.lingerSeconds);
            }

            @Override
            public Result set(OptionCall o) throws SkipException, ScriptException {
                long seconds = o.member("l_linger");
                o.s.settings.lingerOn = o.member("l_onoff") != 0;
                o.s.settings.lingerSeconds = (int) Math.min(Math.max(0, seconds), 65_535);
                return Result.OK;
            }
        });
        t.put(LEVEL, "SO_RCVTIMEO", timeout(true));
        t.put(LEVEL, "SO_SNDTIMEO", timeout(false));
        t.put(LEVEL, "SO_KEEPALIVE", streamOr(SocketOption.flag(TcpOption.SO_KEEPALIVE), t, "SO_KEEPALIVE"));
    }

    /** TCP's, or remembered where the socket has none. */
    private static SocketOption streamOr(SocketOption tcp, OptionTable t, String name) {
        long key = OptionTable.key(Constants.get(LEVEL, t.profile()), Constants.get(name, t.profile()));
        SocketOption other = SocketOption.remembered(key, 0);
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                return o.s.isStream() ? tcp.get(o) : other.get(o);
            }

            @Override
            public Result set(OptionCall o) throws SkipException, ScriptException {
                return o.s.isStream() ? tcp.set(o) : other.set(o);
            }
        };
    }

    private static SocketOption timeout(boolean receive) {
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                long ns = receive ? o.s.settings.receiveTimeoutNs : o.s.settings.sendTimeoutNs;
                return o.are("tv_sec", ns / SECOND, "tv_usec", ns % SECOND / 1_000);
            }

            @Override
            public Result set(OptionCall o) throws SkipException, ScriptException {
                long usec = o.member("tv_usec");
                if (usec < 0 || usec >= 1_000_000) {
                    return Result.error(Errno.EDOM);
                }
                long ns = o.member("tv_sec") * SECOND + usec * 1_000;
                if (receive) {
                    o.s.settings.receiveTimeoutNs = ns;
                } else {
                    o.s.settings.sendTimeoutNs = ns;
                }
                return Result.OK;
            }
        };
    }

    private static void facts(OptionTable t) {
        Profile p = t.profile();
        t.put(LEVEL, "SO_ERROR", SocketOption.readOnly(s -> {
            Errno e = s.takeError();
            return e == null ? 0 : e.number(p);
        }));
        t.put(LEVEL, "SO_TYPE", SocketOption.readOnly(s -> s.isStream() ? 1 : 2));
        t.put(LEVEL, "SO_DOMAIN", SocketOption.readOnly(s -> s.family));
        t.put(LEVEL, "SO_PROTOCOL", SocketOption.readOnly(s -> s.isStream() ? 6 : 17));
        t.put(
                LEVEL,
                "SO_ACCEPTCONN",
                SocketOption.readOnly(
                        s -> s instanceof StreamDescriptor stream && stream.state() == TcpState.LISTEN ? 1 : 0));
    }

    private static void flow(OptionTable t) {
        t.put(LEVEL, "SO_OOBINLINE", SocketOption.of(s -> s.settings.urgentInline ? 1 : 0, (s, v) -> {
            s.settings.urgentInline = v != 0;
            return null;
        }));
        t.put(
                LEVEL,
                "SO_TIMESTAMPING",
                SocketOption.of(
                        s -> s instanceof StreamDescriptor d
                                ? d.output().notices.timestamping()
                                : 0,
                        (s, v) -> s instanceof StreamDescriptor d
                                ? d.output().notices.setTimestamping(v)
                                : null));
        t.put(LEVEL, "SO_ZEROCOPY", SocketOption.of(s -> s.settings.zeroCopy ? 1 : 0, (s, v) -> {
            s.settings.zeroCopy = v != 0;
            return v < 0 || v > 1 ? Errno.EINVAL : null;
        }));
        t.put(
                LEVEL,
                "SO_MAX_PACING_RATE",
                SocketOption.of(
                        s -> {
                            long rate = s instanceof StreamDescriptor d ? d.options().maxPacingRate : Long.MAX_VALUE;
                            return rate == Long.MAX_VALUE ? 0xffff_ffffL : rate;
                        },
                        (s, v) -> {
                            boolean unlimited = v == -1 || v == 0xffff_ffffL;
                            return s.isStream()
                                    ? SocketOption.apply(
                                            s, TcpOption.SO_MAX_PACING_RATE, unlimited ? Long.MAX_VALUE : v)
                                    : null;
                        }));
        t.put(LEVEL, "SO_BROADCAST", SocketOption.of(s -> s.settings.broadcast ? 1 : 0, (s, v) -> {
            s.settings.broadcast = v != 0;
            if (s instanceof DatagramDescriptor d) {
                d.endpoint().allowBroadcast(v != 0);
            }
            return null;
        }));
    }

    /** No effect on segments, or only on hosts with several interfaces, processors or programs. */
    private static void harmless(OptionTable t) {
        for (String name : new String[] {
            "SO_DEBUG",
            "SO_DONTROUTE",
            "SO_NO_CHECK",
            "SO_PRIORITY",
            "SO_BSDCOMPAT",
            "SO_MARK",
            "SO_BUSY_POLL",
            "SO_RXQ_OVFL",
            "SO_USELOOPBACK",
            "SO_NOSIGPIPE",
            "SO_SETFIB",
            "SO_USER_COOKIE",
            "SO_REUSEPORT_LB"
        }) {
            t.remember(LEVEL, name, 0);
        }
        t.remember(LEVEL, "SO_INCOMING_CPU", -1);
        t.remember(LEVEL, "SO_TXREHASH", 1);
        t.put(LEVEL, "SO_BINDTODEVICE", new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException {
                throw o.skip("there is one interface, without a name");
            }

            @Override
            public Result set(OptionCall o) {
                return Result.OK;
            }
        });
    }
}
