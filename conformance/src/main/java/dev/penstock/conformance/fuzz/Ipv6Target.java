package dev.penstock.conformance.fuzz;

import dev.penstock.conformance.garbage.Ipv6Frames;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.NdpMessage;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Frames of IPv6 of every kind, whole and a little wrong, and the passing of time. No frame vanishes uncounted; afterwards the
 * stack still answers, and in the end nothing is left.
 */
final class Ipv6Target {
    private static final int MOST_FRAMES = 48;
    private static final int PORT = 7;
    private static final int UDP_PORT = 53;

    private Ipv6Target() {}

    static void run(FuzzInput in) {
        ShardConfig config = new ShardConfig();
        // While an address is verified anybody may claim it.
        config.ip.dadTransmits = 0;
        config.ip.maxReassemblies = 8;
        config.ip.maxFragments = 32;
        config.tcp.maxConnections = 32;
        config.tcp.maxHalfOpen = 8;
        try (LoneStack lab = new LoneStack(config, true)) {
            lab.stack.tcp().listen(0, 0, PORT, 4, LiveStack.options(), (l, now) -> {
                while (l.acceptable() > 0) {
                    TcpConnection c = l.accept(new TcpHandler() {});
                    if (c != null) {
                        c.abort(now);
                    }
                }
            });
            UdpEndpoint udp = lab.stack.openUdp(new UdpHandler() {});
            udp.bind(LoneStack.STACK_V6.hi(), LoneStack.STACK_V6.lo(), UDP_PORT);
            Ipv6Frames frames = new Ipv6Frames(choices(in), LoneStack.STACK_MAC, LoneStack.STACK_V6, PORT, UDP_PORT);
            for (int i = 0; i < MOST_FRAMES && !in.isEmpty(); i++) {
                if (in.below(8) == 0) {
                    lab.run(in.time() / 8);
                } else {
                    frame(lab, frames, in);
                }
            }
            // Whoever else claimed it meanwhile, or was asked for: the reassembler, and what is rate-limited.
            lab.run(2 * LiveStack.MINUTE);
            answers(lab);
            udp.close();
        }
    }

    /** What chooses is the input, byte by byte. */
    private static RandomSource choices(FuzzInput in) {
        return new RandomSource() {
            @Override
            public long nextLong() {
                return (long) in.i32() << 32 | in.i32() & 0xffff_ffffL;
            }

            @Override
            public int nextInt() {
                return in.i32();
            }

            @Override
            public int nextInt(int bound) {
                return bound <= 1 << 16 ? in.below(bound) : Math.floorMod(in.i32(), bound);
            }
        };
    }

    private static void frame(LoneStack lab, Ipv6Frames frames, FuzzInput in) {
        UnsafeBuffer b = lab.out;
        int length = frames.make(b);
        for (int hits = in.below(4); hits > 0 && !in.isEmpty(); hits--) {
            int at = in.below(length);
            b.putByte(at, (byte) (b.getByte(at) ^ in.u8()));
        }
        if (in.below(8) == 0) {
            length = 1 + in.below(length);
        } else if (in.flag()) {
            Ipv6Frames.mend(b, length);
        }
        Counters c = lab.stack.counters();
        long before = seen(c);
        lab.exchange(length);
        if (seen(c) == before) {
            throw new IllegalStateException("a frame of " + length + " bytes vanished uncounted");
        }
    }

    private static long seen(Counters c) {
        return c.totalDrops()
                + c.get(StackCounter.IP_IN_DELIVERS)
                + c.get(StackCounter.IP_REASM_REQUIRED)
                + c.get(StackCounter.ARP_REQUESTS_IN)
                + c.get(StackCounter.ARP_REPLIES_IN);
    }

    /** A solicitation, and an echo request from who has asked. */
    private static void answers(LoneStack lab) {
        UnsafeBuffer b = lab.out;
        int at = EthernetHeader.LENGTH + Ipv6Header.LENGTH;
        int length =
                NdpMessage.putSolicitation(b, at, LoneStack.STACK_V6.hi(), LoneStack.STACK_V6.lo(), LoneStack.PEER_MAC);
        expect(lab, length, Icmpv6Header.NEIGHBOR_ADVERTISEMENT);
        Icmpv6Header.put(b, at, Icmpv6Header.ECHO_REQUEST, 0, 0x0001_0001);
        expect(lab, Icmpv6Header.LENGTH, Icmpv6Header.ECHO_REPLY);
    }

    private static void expect(LoneStack lab, int payload, int answer) {
        UnsafeBuffer b = lab.out;
        EthernetHeader.put(b, 0, LoneStack.STACK_MAC, LoneStack.PEER_MAC, EthernetHeader.TYPE_IPV6);
        Ipv6Header.put(
                b,
                EthernetHeader.LENGTH,
                0,
                0,
                payload,
                IpProtocol.ICMPV6,
                NdpMessage.HOP_LIMIT,
                LoneStack.PEER_V6.hi(),
                LoneStack.PEER_V6.lo(),
                LoneStack.STACK_V6.hi(),
                LoneStack.STACK_V6.lo());
        int length = EthernetHeader.LENGTH + Ipv6Header.LENGTH + payload;
        Ipv6Frames.mend(b, length);
        List<UnsafeBuffer> sent = lab.exchange(length);
        boolean answered = sent.stream()
                .anyMatch(f -> Ipv6Header.nextHeader(f, EthernetHeader.LENGTH) == IpProtocol.ICMPV6
                        && Icmpv6Header.type(f, EthernetHeader.LENGTH + Ipv6Header.LENGTH) == answer);
        if (!answered) {
            throw new IllegalStateException("no message of type " + answer + ": " + lab.stack.counters());
        }
    }
}
