package dev.penstock.stack.tcp;

import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/** A received segment, parsed once: one reusable object for all of them. The RFC's SEG.* variables. */
final class Segment {
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_MSS = 2;
    private static final int OPTION_WINDOW_SCALE = 3;
    private static final int OPTION_SACK_PERMITTED = 4;
    private static final int OPTION_SACK = 5;
    private static final int OPTION_TIMESTAMPS = 8;
    /** NOP, NOP, timestamps of ten bytes: how almost every segment begins (RFC 7323, appendix A). */
    private static final int ALIGNED_TIMESTAMPS = 0x0101080a;
    /** NOP, NOP, kind 5 and a length: how SACK blocks follow them in every implementation. */
    private static final int ALIGNED_SACK = 0x01010500;

    private static final int TIMESTAMP_BYTES = 12;
    private static final int SACK_BLOCK_BYTES = 8;

    /** "a SACK option that specifies n blocks will have a length of 8*n+2 bytes, so the 40 bytes ... a maximum of 4". */
    static final int MAX_SACK_BLOCKS = 4;

    static final int ABSENT = -1;

    DirectBuffer buffer;
    int payloadOffset;
    int payloadLength;
    /** Sequence number of the first byte, or of the SYN. */
    int seq;

    int ack;
    int flags;
    /** The window field, not scaled. */
    int window;

    int urgentPointer;
    int mss;
    int windowScale;
    boolean hasTimestamps;
    int tsVal;
    int tsEcr;
    /** SACK-permitted, which means something in SYNs only (RFC 2018, section 2). */
    boolean sackPermitted;
    /** How many SACK blocks there are, 0 .. 4; their contents are as the peer sent them, nothing is verified. */
    int sackCount;
    /** Left edges of the blocks: the first sequence number of each. */
    final int[] sackStart = new int[MAX_SACK_BLOCKS];
    /** Right edges: the sequence number after the last of each. */
    final int[] sackEnd = new int[MAX_SACK_BLOCKS];
    /** Payload of each of the segments joined into this one, or its own. */
    int unitLength;

    int localPort;
    int remotePort;
    long localHi;
    long localLo;
    long remoteHi;
    long remoteLo;
    int tos;
    /** Where it came in, or -1: see {@link IpPacket#interfaceIndex}. */
    int interfaceIndex;
    /** The interface that an answer must leave by, or -1: see {@link IpPacket#zone}. */
    int zone;

    /** Reads header and options of a packet whose lengths and checksum are known to be right. */
    void parse(IpPacket packet) {
        DirectBuffer b = packet.buffer;
        int at = packet.payloadOffset;
        buffer = b;
        int headerLength = TcpHeader.headerLength(b, at);
        payloadOffset = at + headerLength;
        payloadLength = packet.payloadLength - headerLength;
        seq = TcpHeader.sequence(b, at);
        ack = TcpHeader.acknowledgment(b, at);
        flags = TcpHeader.flags(b, at);
        window = TcpHeader.window(b, at);
        urgentPointer = TcpHeader.urgentPointer(b, at);
        unitLength = packet.gsoSize > 0 ? Math.min(packet.gsoSize, payloadLength) : payloadLength;
        remotePort = TcpHeader.sourcePort(b, at);
        localPort = TcpHeader.destinationPort(b, at);
        localHi = packet.dstHi;
        localLo = packet.dstLo;
        remoteHi = packet.srcHi;
        remoteLo = packet.srcLo;
        tos = packet.tos;
        interfaceIndex = packet.interfaceIndex;
        zone = packet.zone();
        parseOptions(b, at + TcpHeader.MIN_LENGTH, headerLength - TcpHeader.MIN_LENGTH);
    }

    /** Reads {@code length} bytes of options; never fails, whatever they are. */
    void parseOptions(DirectBuffer b, int offset, int length) {
        mss = ABSENT;
        windowScale = ABSENT;
        hasTimestamps = false;
        sackPermitted = false;
        sackCount = 0;
        if (length >= TIMESTAMP_BYTES && Wire.i32(b, offset) == ALIGNED_TIMESTAMPS && isAligned(b, offset, length)) {
            timestamps(b, offset + 4);
            return;
        }
        int at = offset;
        int end = offset + length;
        while (at < end) {
            int kind = Wire.u8(b, at);
            if (kind == OPTION_END) {
                return;
            }
            if (kind == OPTION_NOP) {
                at++;
                continue;
            }
            // "all options (except as indicated) have length fields ... a TCP implementation MUST be prepared to handle
            // an illegal option length (e.g., zero)" (RFC 9293, MUST-7): what follows one means nothing.
            int size = at + 1 < end ? Wire.u8(b, at + 1) : 0;
            if (size < 2 || at + size > end) {
                return;
            }
            option(b, at, kind, size);
            at += size;
        }
    }

    /** Timestamps and nothing else, or timestamps and SACK blocks, in the form that everybody sends; takes the blocks. */
    private boolean isAligned(DirectBuffer b, int offset, int length) {
        if (length == TIMESTAMP_BYTES) {
            return true;
        }
        int size = length - TIMESTAMP_BYTES - 2;
        if (size % SACK_BLOCK_BYTES != 2 || Wire.i32(b, offset + TIMESTAMP_BYTES) != (ALIGNED_SACK | size)) {
            return false;
        }
        sackBlocks(b, offset + TIMESTAMP_BYTES + 4, size / SACK_BLOCK_BYTES);
        return true;
    }

    private void option(DirectBuffer b, int at, int kind, int size) {
        if (kind == OPTION_MSS && size == 4) {
            mss = Wire.u16(b, at + 2);
        } else if (kind == OPTION_WINDOW_SCALE && size == 3) {
            windowScale = Wire.u8(b, at + 2);
        } else if (kind == OPTION_TIMESTAMPS && size == 10) {
            timestamps(b, at + 2);
        } else if (kind == OPTION_SACK_PERMITTED && size == 2) {
            sackPermitted = true;
        } else if (kind == OPTION_SACK && size % SACK_BLOCK_BYTES == 2) {
            sackBlocks(b, at + 2, size / SACK_BLOCK_BYTES);
        }
        // "A TCP implementation MUST ignore without error any TCP option it does not implement" (RFC 9293, MUST-6).
    }

    private void timestamps(DirectBuffer b, int at) {
        hasTimestamps = true;
        tsVal = Wire.i32(b, at);
        tsEcr = Wire.i32(b, at + 4);
    }

    /** A second SACK option, which nobody sends, takes the place of the first; 40 bytes of options hold at most 4 blocks. */
    private void sackBlocks(DirectBuffer b, int at, int count) {
        sackCount = count;
        for (int i = 0; i < count; i++) {
            sackStart[i] = Wire.i32(b, at + i * SACK_BLOCK_BYTES);
            sackEnd[i] = Wire.i32(b, at + i * SACK_BLOCK_BYTES + 4);
        }
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** SEG.LEN: payload, and one each for SYN and FIN. */
    int length() {
        return payloadLength + (has(TcpHeader.SYN) ? 1 : 0) + (has(TcpHeader.FIN) ? 1 : 0);
    }

    /** The sequence number after the segment. */
    int end() {
        return seq + length();
    }

    /** Cuts {@code n} bytes of payload off the front. */
    void trimFront(int n) {
        seq += n;
        payloadOffset += n;
        payloadLength -= n;
    }
}
