package dev.penstock.conformance.fuzz;

import dev.penstock.conformance.transfer.StreamEnd;
import dev.penstock.stack.ip.EchoHandler;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Applications on the stack under test, whose calls the fuzzer chooses. */
final class Application {
    private static final int MOST = 24;
    private static final int LARGEST_WRITE = 20_000;
    private static final String[] CONGESTION = {"cubic", "reno"};

    private final LiveStack lab;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[LARGEST_WRITE]);
    private final List<TcpConnection> open = new ArrayList<>();
    private final List<TcpAcceptor> listeners = new ArrayList<>();
    private final List<UdpEndpoint> endpoints = new ArrayList<>();
    private final TcpInfo info = new TcpInfo();
    private TcpConnection honest;
    private int echo = -1;
    /** Connections are closed as soon as their peers close; otherwise the fuzzer closes them. */
    private boolean polite = true;

    Application(LiveStack lab) {
        this.lab = lab;
    }

    UdpEndpoint openUdp(int port) {
        UdpEndpoint endpoint = lab.stack.openUdp(new UdpHandler() {});
        endpoint.bind(IpAddress.ANY_V4.hi(), IpAddress.ANY_V4.lo(), port);
        endpoints.add(endpoint);
        return endpoint;
    }

    void listen(int port) {
        TcpAcceptor acceptor = lab.stack.tcp().listen(0, 0, port, 2, LiveStack.options(), (l, now) -> {
            while (polite && l.acceptable() > 0) {
                open.add(l.accept(new Visitor()));
            }
        });
        if (acceptor != null) {
            listeners.add(acceptor);
        }
    }

    /** The handler of what comes to the honest port: the stream, for the one who is first to talk like it. */
    TcpHandler honest(StreamEnd stream) {
        return honest == null ? stream : new Visitor();
    }

    /** The honest peer's connection was accepted. */
    boolean hasHonest() {
        return honest != null;
    }

    void isHonest(TcpConnection c) {
        if (honest == null) {
            honest = c;
        } else if (c != null) {
            open.add(c);
        }
    }

    /** Reads what comes and throws it away, now and then only, closes after its peer, and tells when it is over. */
    private final class Visitor implements TcpHandler {
        private int closed;

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            return polite ? length : length / 2;
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            if (polite) {
                read(c, LARGEST_WRITE);
                if (c.isInputEnded()) {
                    c.close(nowNs);
                }
            }
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            if (++closed > 1) {
                throw new IllegalStateException("told twice that a connection is over");
            }
            open.remove(c);
            c.close(nowNs);
        }
    }

    private void read(TcpConnection c, int most) {
        int left = most;
        while (left > 0) {
            int n = c.receiveQueue().read(scratch, 0, Math.min(left, scratch.capacity()));
            if (n <= 0) {
                break;
            }
            left -= n;
        }
        c.dataRead(lab.nowNs());
    }

    /** One call, of those that cannot break the honest connection if it is not {@code wild}. */
    void call(FuzzInput in, boolean wild) {
        int what = in.below(16);
        switch (what) {
            case 0 -> {
                if (listeners.size() < 4) {
                    listen(1 + in.below(10));
                }
            }
            case 1 -> {
                if (!listeners.isEmpty()) {
                    listeners.remove(in.below(listeners.size())).close(lab.nowNs());
                }
            }
            case 2 -> accept(in);
            case 3 -> connect(in);
            case 4 -> polite = in.flag();
            case 5 -> sendUdp(in);
            case 6 -> ping(in);
            case 7 -> {
                if (honest != null) {
                    safeOption(honest, in);
                }
            }
            default -> {
                TcpConnection c = choose(in, wild);
                if (c != null) {
                    call(c, what, in);
                }
            }
        }
    }

    private TcpConnection choose(FuzzInput in, boolean wild) {
        int i = in.u8();
        if (wild && honest != null && i % 4 == 0) {
            return honest;
        }
        return open.isEmpty() ? null : open.get(i % open.size());
    }

    private void call(TcpConnection c, int what, FuzzInput in) {
        long now = lab.nowNs();
        switch (what) {
            case 8 -> c.write(scratch, 0, Math.min(LARGEST_WRITE, in.u16()), now);
            case 9 -> c.writeUrgent(scratch, 0, 1 + in.u8(), now);
            case 10 -> read(c, in.u16());
            case 11 -> c.shutdownOutput(now);
            case 12 -> c.shutdownInput(now);
            case 13 -> {
                c.close(now);
                open.remove(c);
            }
            case 14 -> {
                c.abort(now);
                open.remove(c);
            }
            default -> option(c, in);
        }
        c.info(info, now);
    }

    private void accept(FuzzInput in) {
        if (!listeners.isEmpty() && open.size() < MOST) {
            TcpConnection c = listeners.get(in.below(listeners.size())).accept(new Visitor());
            if (c != null) {
                open.add(c);
            }
        }
    }

    private void connect(FuzzInput in) {
        if (open.size() < MOST) {
            Conversation to = lab.injector.conversation(1 + in.below(Injector.CONVERSATIONS - 1));
            int port = 1 + in.below(4);
            long remote = IpAddress.v4(to.peerIp);
            TcpConnection c =
                    lab.stack.tcp().connect(0, 0, 0, 0, remote, port, LiveStack.options(), new Visitor(), lab.nowNs());
            if (c != null) {
                open.add(c);
            }
        }
    }

    private void sendUdp(FuzzInput in) {
        UdpEndpoint from = endpoints.get(0);
        Conversation to = lab.injector.conversation(in.below(Injector.CONVERSATIONS));
        long remote = IpAddress.v4(to.peerIp);
        from.send(0, remote, 1 + in.u8(), scratch, 0, Math.min(LARGEST_WRITE, in.u16()), lab.nowNs());
    }

    private void ping(FuzzInput in) {
        if (echo < 0) {
            EchoHandler handler = (srcHi, srcLo, seq, b, offset, length, ttl, now) -> {};
            echo = lab.stack.ip().openEcho(handler);
        } else if (in.below(4) == 0) {
            lab.stack.ip().closeEcho(echo);
            echo = -1;
        }
    }

    /** Any option of a connection that nobody relies on, any value: refused or taken, nothing else. */
    private void option(TcpConnection c, FuzzInput in) {
        TcpOption<?> option = TcpOption.ALL.get(in.below(TcpOption.ALL.size()));
        try {
            set(c, option, in);
        } catch (IllegalArgumentException e) {
            if (e.getMessage() == null || !e.getMessage().contains(option.name())) {
                throw new IllegalStateException("an option was refused without its name: " + option, e);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private void set(TcpConnection c, TcpOption<?> option, FuzzInput in) {
        long now = lab.nowNs();
        if (option.type() == Boolean.class) {
            c.setOption((TcpOption<Boolean>) option, in.flag(), now);
        } else if (option.type() == Long.class) {
            c.setOption((TcpOption<Long>) option, (long) in.i32() << in.below(32), now);
        } else if (option.type() == String.class) {
            c.setOption((TcpOption<String>) option, in.below(8) == 0 ? "none" : CONGESTION[in.below(2)], now);
        } else {
            c.setOption((TcpOption<Integer>) option, in.flag() ? in.u16() : in.i32(), now);
        }
    }

    /** Options that may change at any time without a connection coming to harm, and values that let it go on. */
    private void safeOption(TcpConnection c, FuzzInput in) {
        long now = lab.nowNs();
        switch (in.below(9)) {
            case 0 -> c.setOption(TcpOption.TCP_NODELAY, in.flag(), now);
            case 1 -> c.setOption(TcpOption.TCP_CORK, in.flag(), now);
            case 2 -> c.setOption(TcpOption.TCP_QUICKACK, in.flag(), now);
            case 3 -> c.setOption(TcpOption.SO_SNDBUF, in.u16(), now);
            case 4 -> c.setOption(TcpOption.SO_RCVBUF, in.u16(), now);
            case 5 -> c.setOption(TcpOption.TCP_NOTSENT_LOWAT, in.u16(), now);
            case 6 -> c.setOption(TcpOption.TCP_MAXSEG, in.flag() ? 0 : 64 + in.u16() % 2_000, now);
            case 7 -> c.setOption(TcpOption.TCP_CONGESTION, CONGESTION[in.below(2)], now);
            default -> c.setOption(TcpOption.SO_MAX_PACING_RATE, 50_000L + in.u16() * 100L, now);
        }
    }

    void closeAll() {
        long now = lab.nowNs();
        polite = true;
        List.copyOf(listeners).forEach(l -> l.close(now));
        listeners.clear();
        for (TcpConnection c : List.copyOf(open)) {
            c.close(now);
        }
        if (honest != null) {
            honest.close(now);
        }
        endpoints.forEach(UdpEndpoint::close);
        if (echo >= 0) {
            lab.stack.ip().closeEcho(echo);
        }
    }
}
