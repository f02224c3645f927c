package dev.penstock.conformance.fuzz;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** The parsers of options, each against a second one that was written for this, from the RFCs, to be simple. */
final class OptionTargets {
    private static final int PORT = 7;
    private static final int LEAST_MSS = 64;
    private static final int DATA = 6_000;

    private OptionTargets() {}

    /** An echo request with any IPv4 options: answered, or dropped for the reason that RFC 1122 gives. */
    static void ipv4(FuzzInput in) {
        try (LoneStack lab = new LoneStack(new ShardConfig())) {
            for (int i = 0; i < 8 && !in.isEmpty(); i++) {
                byte[] options = in.bytes(4 * in.below(11));
                int header = Ipv4Header.MIN_LENGTH + (options.length + 3) / 4 * 4;
                lab.out.setMemory(LoneStack.L4, 40, (byte) 0);
                int at = LoneStack.IP + header;
                IcmpHeader.put(lab.out, at, IcmpHeader.ECHO_REQUEST, 0, i);
                IcmpHeader.putChecksum(lab.out, at, IcmpHeader.LENGTH);
                lab.out.putBytes(LoneStack.L4, options);
                int length = lab.ip(IpProtocol.ICMP, header, IcmpHeader.LENGTH, i, 0);
                DropReason expected = ipv4Options(options, header - Ipv4Header.MIN_LENGTH);
                long before = expected == null ? 0 : lab.drops(expected);
                List<UnsafeBuffer> answer = lab.exchange(length);
                boolean replied = answer.stream().anyMatch(f -> isEchoReply(f));
                if (replied != (expected == null)) {
                    throw new IllegalStateException("IPv4 options: " + expected + " expected, replied " + replied);
                }
                if (expected != null && lab.drops(expected) != before + 1) {
                    throw new IllegalStateException("IPv4 options: not counted as " + expected);
                }
                lab.run(LiveStack.MS);
            }
        }
    }

    private static boolean isEchoReply(UnsafeBuffer f) {
        return Ipv4Header.protocol(f, LoneStack.IP) == IpProtocol.ICMP
                && IcmpHeader.type(f, LoneStack.IP + Ipv4Header.headerLength(f, LoneStack.IP)) == IcmpHeader.ECHO_REPLY;
    }

    private static DropReason ipv4Options(byte[] given, int length) {
        byte[] o = Arrays.copyOf(given, length);
        int i = 0;
        while (i < length && o[i] != 0) {
            if (o[i] == 1) {
                i++;
            } else if (i + 1 == length || (o[i + 1] & 0xff) < 2 || i + (o[i + 1] & 0xff) > length) {
                return DropReason.IPV4_BAD_OPTION;
            } else if (o[i] == (byte) 131 || o[i] == (byte) 137) {
                return DropReason.IPV4_SOURCE_ROUTED;
            } else {
                i += o[i + 1] & 0xff;
            }
        }
        return null;
    }

    /** What a list of TCP options says; the last of a kind counts, and what follows an illegal length does not. */
    private static final class TcpOptionModel {
        int mss = -1;
        boolean scale;
        boolean sack;
        boolean times;
        int tsVal;

        TcpOptionModel(byte[] o) {
            for (int i = 0; i < o.length && o[i] != 0; ) {
                if (o[i] == 1) {
                    i++;
                    continue;
                }
                int n = i + 1 < o.length ? o[i + 1] & 0xff : 0;
                if (n < 2 || i + n > o.length) {
                    break;
                }
                UnsafeBuffer b = new UnsafeBuffer(o);
                mss = o[i] == 2 && n == 4 ? Wire.u16(b, i + 2) : mss;
                scale |= o[i] == 3 && n == 3;
                sack |= o[i] == 4 && n == 2;
                boolean time = o[i] == 8 && n == 10;
                times |= time;
                tsVal = time ? Wire.i32(b, i + 2) : tsVal;
                i += n;
            }
        }
    }

    /** A SYN with any options: the SYN-ACK must say what was agreed, and segments must have the size that was agreed. */
    static void tcp(FuzzInput in) {
        TcpConnection[] accepted = new TcpConnection[1];
        try (LoneStack lab = new LoneStack(new ShardConfig())) {
            lab.stack
                    .tcp()
                    .listen(0, 0, PORT, 4, new TcpOptions(), (l, now) -> accepted[0] = l.accept(new TcpHandler() {}));
            byte[] syn = padded(in.bytes(4 * in.below(11)));
            TcpOptionModel model = new TcpOptionModel(syn);
            lab.out.putBytes(LoneStack.L4 + TcpHeader.MIN_LENGTH, syn);
            List<UnsafeBuffer> answer = lab.exchange(lab.segment(PORT, 99, 0, TcpHeader.SYN, syn.length, 0));
            UnsafeBuffer synAck = answer.get(0);
            checkSynAck(synAck, model);
            int iss = TcpHeader.sequence(synAck, LoneStack.L4);
            lab.exchange(ack(lab, model, iss + 1, new byte[0]));
            if (accepted[0] == null) {
                throw new IllegalStateException("no connection after the handshake");
            }
            accepted[0].write(new UnsafeBuffer(new byte[DATA]), 0, DATA, lab.nowNs());
            int seen = checkSizes(lab.run(0), model);
            // Acknowledgments with any options, of nothing new or of all that has come.
            while (!in.isEmpty()) {
                byte[] any = padded(in.bytes(4 * in.below(11)));
                seen += checkSizes(lab.exchange(ack(lab, model, iss + 1 + (in.flag() ? seen : 0), any)), model);
                seen = Math.min(seen, DATA);
            }
        }
    }

    private static byte[] padded(byte[] options) {
        return Arrays.copyOf(options, (options.length + 3) / 4 * 4);
    }

    private static int ack(LoneStack lab, TcpOptionModel model, int ack, byte[] any) {
        int at = LoneStack.L4 + TcpHeader.MIN_LENGTH;
        int times = model.times && any.length == 0 ? 12 : 0;
        if (times != 0) {
            Wire.u32(lab.out, at, 0x0101_080a);
            Wire.u32(lab.out, at + 4, model.tsVal);
            Wire.u32(lab.out, at + 8, 0);
        }
        lab.out.putBytes(at + times, any);
        return lab.segment(PORT, 100, ack, TcpHeader.ACK, times + any.length, 0);
    }

    private static void checkSynAck(UnsafeBuffer synAck, TcpOptionModel model) {
        int flags = TcpHeader.flags(synAck, LoneStack.L4);
        if (flags != (TcpHeader.SYN | TcpHeader.ACK)) {
            throw new IllegalStateException("not a SYN-ACK: flags " + flags);
        }
        agree("window scale", model.scale, Conversation.find(synAck, 3, 3));
        agree("SACK-permitted", model.sack, Conversation.find(synAck, 4, 2));
        int times = Conversation.find(synAck, 8, 10);
        agree("timestamps", model.times, times);
        if (model.times && Wire.i32(synAck, times + 6) != model.tsVal) {
            throw new IllegalStateException("the SYN-ACK echoes another timestamp than the SYN had");
        }
    }

    private static void agree(String what, boolean offered, int at) {
        if (offered != at >= 0) {
            throw new IllegalStateException(what + ": the SYN " + (offered ? "offers" : "does not offer")
                    + " it, the SYN-ACK " + (at >= 0 ? "takes" : "does not take") + " it");
        }
    }

    /** RFC 9293, MUST-15 and MUST-16. Answers how much came, segments that came twice counted twice. */
    private static int checkSizes(List<UnsafeBuffer> frames, TcpOptionModel model) {
        int peerMss = model.mss < 0 ? 536 : Math.max(LEAST_MSS, model.mss);
        int most = Math.min(1_460, peerMss) - (model.times ? 12 : 0);
        int sum = 0;
        for (UnsafeBuffer f : frames) {
            int n = LoneStack.payload(f);
            sum += n;
            boolean hasTimes = Conversation.find(f, 8, 10) >= 0;
            if (n > most || hasTimes != model.times) {
                throw new IllegalStateException(
                        "a segment of " + n + " bytes where " + most + " are agreed, timestamps " + hasTimes);
            }
        }
        return sum;
    }
}
