package dev.penstock.stack.device;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes a capture in the pcapng format (draft-ietf-opsawg-pcapng): a section header, one description for each
 * interface, and enhanced packet blocks with nanosecond timestamps, directions and comments.
 *
 * <p>Never throws for what happens to the file: the first failed write ends the capture, {@link #errors} counts it and
 * what would have followed, and the stack goes on. Memory is one buffer of fixed size, written out when it is full, by
 * {@link #flush} and by {@link #close}. One thread.
 */
public final class PcapngWriter implements Closeable {
    /** Of a packet that came in. */
    public static final int INBOUND = 1;
    /** Of a packet that went out. */
    public static final int OUTBOUND = 2;
    /** The most characters of a comment that are kept. */
    public static final int MAX_COMMENT = 1024;
    /** The largest snap length: any frame whole. */
    public static final int MAX_SNAP_LENGTH = 256 * 1024 - 4096;

    private static final int BUFFER_SIZE = 256 * 1024;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private static final int SECTION_HEADER = 0x0A0D0D0A;
    private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;
    private static final int LINKTYPE_ETHERNET = 1;

    private static final int OPT_END = 0;
    private static final int OPT_COMMENT = 1;
    private static final int SHB_USERAPPL = 4;
    private static final int IF_NAME = 2;
    private static final int IF_TSRESOL = 9;
    private static final int EPB_FLAGS = 2;
    private static final int NANOSECONDS = 9;

    private final WritableByteChannel channel;
    private final int snapLength;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER_SIZE);
    private final UnsafeBuffer out = new UnsafeBuffer(bytes);
    private int at;
    private int interfaces;
    private long packets;
    private long errors;
    private boolean stopped;

    /**
     * Begins a capture.
     *
     * @param channel where to; blocking; closed by {@link #close}
     * @param snapLength the most bytes of each frame to keep, 1 .. {@link #MAX_SNAP_LENGTH}
     */
    public PcapngWriter(WritableByteChannel channel, int snapLength) {
        if (snapLength < 1 || snapLength > MAX_SNAP_LENGTH) {
            throw new IllegalArgumentException("a snap length must be in 1 .. " + MAX_SNAP_LENGTH + ": " + snapLength);
        }
        this.channel = channel;
        this.snapLength = snapLength;
        int begin = begin(SECTION_HEADER);
        putInt(BYTE_ORDER_MAGIC);
        putShort(1);
        putShort(0);
        out.putLong(at, -1, LE);
        at += 8;
        putOption(SHB_USERAPPL, "Penstock");
        endOptions();
        end(begin);
    }

    /** Describes one more Ethernet interface and returns its number. */
    public int addInterface(String name) {
        if (reserve(64 + 2 * MAX_COMMENT)) {
            int begin = begin(INTERFACE_DESCRIPTION);
            putShort(LINKTYPE_ETHERNET);
            putShort(0);
            putInt(snapLength);
            putOption(IF_NAME, name);
            putShort(IF_TSRESOL);
            putShort(1);
            putInt(NANOSECONDS);
            endOptions();
            end(begin);
        }
        return interfaces++;
    }

    /**
     * Adds a packet.
     *
     * @param interfaceId from {@link #addInterface}
     * @param epochNs when, nanoseconds since 1970-01-01T00:00:00Z
     * @param direction {@link #INBOUND} or {@link #OUTBOUND}
     * @param buffer holds at least {@code min(length, snapLength)} bytes of the frame at {@code offset}
     * @param length of the whole frame, bytes
     * @param comment ASCII, or null for none
     */
    public void packet(
            int interfaceId, long epochNs, int direction, DirectBuffer buffer, int offset, int length, String comment) {
        int captured = Math.min(length, snapLength);
        if (!reserve(captured + MAX_COMMENT + 128)) {
            return;
        }
        int begin = begin(ENHANCED_PACKET);
        putInt(interfaceId);
        putInt((int) (epochNs >>> 32));
        putInt((int) epochNs);
        putInt(captured);
        putInt(length);
        out.putBytes(at, buffer, offset, captured);
        at += captured;
        pad();
        if (comment != null) {
            putOption(OPT_COMMENT, comment);
        }
        putShort(EPB_FLAGS);
        putShort(4);
        putInt(direction);
        endOptions();
        end(begin);
        packets++;
    }

    /** The most bytes of each frame that are kept. */
    public int snapLength() {
        return snapLength;
    }

    /** Packets added. */
    public long packets() {
        return packets;
    }

    /** Failed writes, and the packets that could not be added after one. */
    public long errors() {
        return errors;
    }

    /** True after a failed write or {@link #close}: nothing more is captured. */
    public boolean isStopped() {
        return stopped;
    }

    /** Writes out what is buffered. */
    public void flush() {
        if (stopped || at == 0) {
            return;
        }
        bytes.limit(at).position(0);
        at = 0;
        try {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) <= 0) {
                    fail();
                    return;
                }
            }
        } catch (IOException e) {
            fail();
        }
    }

    private void fail() {
        errors++;
        stopped = true;
    }

    /** Writes out what is buffered and closes the channel. */
    @Override
    public void close() {
        flush();
        stopped = true;
        try {
            channel.close();
        } catch (IOException e) {
            errors++;
        }
    }

    private boolean reserve(int length) {
        if (!stopped && at + length > BUFFER_SIZE) {
            flush();
        }
        if (stopped) {
            errors++;
        }
        return !stopped;
    }

    /** Every block: type, total length, body, total length again. */
    private int begin(int type) {
        int begin = at;
        putInt(type);
        putInt(0);
        return begin;
    }

    private void end(int begin) {
        int length = at + 4 - begin;
        putInt(length);
        out.putInt(begin + 4, length, LE);
    }

    private void putOption(int code, String text) {
        int length = Math.min(text.length(), MAX_COMMENT);
        putShort(code);
        putShort(length);
        at += out.putStringWithoutLengthAscii(at, text, 0, length);
        pad();
    }

    private void endOptions() {
        putShort(OPT_END);
        putShort(0);
    }

    private void pad() {
        while ((at & 3) != 0) {
            out.putByte(at++, (byte) 0);
        }
    }

    private void putInt(int value) {
        out.putInt(at, value, LE);
        at += 4;
    }

    private void putShort(int value) {
        out.putShort(at, (short) value, LE);
        at += 2;
    }
}
