package dev.penstock.conformance.wire;

import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/** A TCP segment in an Ethernet frame, read by code that has nothing to do with the stack's. Reused. */
public final class SegmentView {
    private static final int LINK = 14;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int MAX_BLOCKS = 4;

    /** What was read last. */
    public DirectBuffer bytes;

    public int tos;
    /** Of IPv4; 0 otherwise. */
    public int identification;
    /** The address, or the last four bytes of an IPv6 address. */
    public int source;
    /** As {@link #source}. */
    public int destination;

    public int sourcePort;
    public int destinationPort;
    public int seq;
    public int ack;
    public int flags;
    public int window;
    /** Where the payload begins in {@link #bytes}. */
    public int payload;
    /** Bytes of payload. */
    public int length;

    public int mss;
    public int scale;
    public boolean sackPermitted;
    public boolean timestamps;
    public int tsVal;
    public int tsEcr;
    public int blocks;
    public final int[] left = new int[MAX_BLOCKS];
    public final int[] right = new int[MAX_BLOCKS];
    public boolean goodSums;
    /** What is wrong with the options, or null. */
    public String badOptions;

    /** How far {@code seq} is behind {@code from} in the sequence space; negative if before it. */
    public static int distance(int from, int seq) {
        return seq - from;
    }

    /** Reads a frame of {@code size} bytes; false if it is no TCP segment, or has extension headers. */
    public boolean read(DirectBuffer b, int size) {
        if (size < LINK + 40) {
            return false;
        }
        bytes = b;
        int type = Wire.u16(b, 12);
        return type == IPV4 ? readV4(b, size) : type == IPV6 && readV6(b, size);
    }

    private boolean readV4(DirectBuffer b, int size) {
        int header = (Wire.u8(b, LINK) & 15) * 4;
        int total = Wire.u16(b, LINK + 2);
        if (Wire.u8(b, LINK + 9) != IpProtocol.TCP || header < 20 || total < header + 20 || total > size - LINK) {
            return false;
        }
        tos = Wire.u8(b, LINK + 1);
        identification = Wire.u16(b, LINK + 4);
        source = Wire.i32(b, LINK + 12);
        destination = Wire.i32(b, LINK + 16);
        boolean good = fold(sum(b, LINK, header)) == 0xffff;
        return readTcp(b, LINK + header, total - header, sum(b, LINK + 12, 8), good);
    }

    private boolean readV6(DirectBuffer b, int size) {
        int length = Wire.u16(b, LINK + 4);
        // No header checksum covers the version: a flipped bit of it passes all sums, and makes this no IPv6 packet.
        boolean version = Wire.u8(b, LINK) >>> 4 == 6;
        if (!version || Wire.u8(b, LINK + 6) != IpProtocol.TCP || length < 20 || length > size - LINK - 40) {
            return false;
        }
        tos = Wire.u16(b, LINK) >>> 4 & 0xff;
        identification = 0;
        source = Wire.i32(b, LINK + 20);
        destination = Wire.i32(b, LINK + 36);
        return readTcp(b, LINK + 40, length, sum(b, LINK + 8, 32), true);
    }

    private boolean readTcp(DirectBuffer b, int tcp, int tcpLength, long addresses, boolean goodHeader) {
        int dataOffset = (Wire.u8(b, tcp + 12) >>> 4) * 4;
        long pseudo = addresses + IpProtocol.TCP + tcpLength;
        goodSums = goodHeader && fold(pseudo + sum(b, tcp, tcpLength)) == 0xffff;
        if (dataOffset < 20 || dataOffset > tcpLength) {
            return false;
        }
        sourcePort = Wire.u16(b, tcp);
        destinationPort = Wire.u16(b, tcp + 2);
        seq = Wire.i32(b, tcp + 4);
        ack = Wire.i32(b, tcp + 8);
        flags = Wire.u16(b, tcp + 12) & 0x1ff;
        window = Wire.u16(b, tcp + 14);
        payload = tcp + dataOffset;
        length = tcpLength - dataOffset;
        readOptions(b, tcp + 20, payload);
        return true;
    }

    private void readOptions(DirectBuffer b, int from, int to) {
        mss = -1;
        scale = -1;
        sackPermitted = false;
        timestamps = false;
        blocks = 0;
        badOptions = null;
        int at = from;
        while (at < to && Wire.u8(b, at) != 0) {
            int kind = Wire.u8(b, at);
            if (kind == 1) {
                at++;
                continue;
            }
            int n = at + 1 < to ? Wire.u8(b, at + 1) : 0;
            if (n < 2 || at + n > to) {
                badOptions = "option " + kind + " of length " + n;
                return;
            }
            option(b, at, kind, n);
            at += n;
        }
    }

    private void option(DirectBuffer b, int at, int kind, int n) {
        boolean good = true;
        switch (kind) {
            case 2 -> {
                good = n == 4 && has(TcpHeader.SYN);
                mss = Wire.u16(b, at + 2);
            }
            case 3 -> {
                good = n == 3 && has(TcpHeader.SYN) && Wire.u8(b, at + 2) <= 14;
                scale = Wire.u8(b, at + 2);
            }
            case 4 -> {
                good = n == 2 && has(TcpHeader.SYN);
                sackPermitted = true;
            }
            case 5 -> {
                good = n >= 10 && (n - 2) % 8 == 0 && !has(TcpHeader.SYN);
                for (int i = at + 2; i + 8 <= at + n && blocks < MAX_BLOCKS; i += 8) {
                    left[blocks] = Wire.i32(b, i);
                    right[blocks++] = Wire.i32(b, i + 4);
                }
            }
            case 8 -> {
                good = n == 10 && !timestamps;
                timestamps = true;
                tsVal = Wire.i32(b, at + 2);
                tsEcr = Wire.i32(b, at + 6);
            }
            default -> good = false;
        }
        if (!good) {
            badOptions = "option " + kind + " of length " + n;
        }
    }

    /** Is one of these flags set? */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Sequence numbers that it takes. */
    public int sequenceLength() {
        return length + (has(TcpHeader.SYN) ? 1 : 0) + (has(TcpHeader.FIN) ? 1 : 0);
    }

    private static long sum(DirectBuffer b, int from, int length) {
        long sum = 0;
        for (int i = 0; i < length; i += 2) {
            sum += Wire.u8(b, from + i) << 8 | (i + 1 < length ? Wire.u8(b, from + i + 1) : 0);
        }
        return sum;
    }

    private static int fold(long sum) {
        long s = sum;
        while (s > 0xffff) {
            s = (s & 0xffff) + (s >>> 16);
        }
        return (int) s;
    }
}
