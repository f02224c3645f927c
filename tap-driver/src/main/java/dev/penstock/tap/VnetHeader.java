package dev.penstock.tap;

import dev.penstock.stack.buffer.RxOffload;
import dev.penstock.stack.buffer.TxOffload;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The virtio-net header that stands before each frame of a TAP device with {@code IFF_VNET_HDR}: ten bytes in the
 * machine's byte order (Virtual I/O Device 1.2, section 5.1.6, in its legacy form; {@code struct virtio_net_hdr} of
 * {@code <linux/virtio_net.h>}).
 */
final class VnetHeader {
    static final int LENGTH = 10;
    static final int FLAGS = 0;
    static final int GSO_TYPE = 1;
    static final int HEADER_LENGTH = 2;
    static final int GSO_SIZE = 4;
    static final int CSUM_START = 6;
    static final int CSUM_OFFSET = 8;

    /** The checksum field holds the pseudo-header sum only. */
    static final int NEEDS_CSUM = 1;
    /** The checksum was verified. */
    static final int DATA_VALID = 2;

    private VnetHeader() {}

    /** Writes the header that asks for what {@code tx} says is left to do. */
    static void encode(UnsafeBuffer buffer, int offset, TxOffload tx) {
        boolean cut = tx.gsoType != TxOffload.GSO_NONE;
        buffer.putByte(offset + FLAGS, (byte) (tx.checksumNeeded ? NEEDS_CSUM : 0));
        buffer.putByte(offset + GSO_TYPE, (byte) tx.gsoType);
        buffer.putShort(offset + HEADER_LENGTH, (short) (cut ? tx.headerLength : 0));
        buffer.putShort(offset + GSO_SIZE, (short) (cut ? tx.gsoSize : 0));
        buffer.putShort(offset + CSUM_START, (short) (tx.checksumNeeded ? tx.csumStart : 0));
        buffer.putShort(offset + CSUM_OFFSET, (short) (tx.checksumNeeded ? tx.csumOffset : 0));
    }

    /** Says in {@code rx} what the header of a received frame says. Any ten bytes are taken. */
    static void decode(UnsafeBuffer buffer, int offset, RxOffload rx) {
        int flags = buffer.getByte(offset + FLAGS);
        rx.partial = (flags & NEEDS_CSUM) != 0;
        rx.verified = (flags & DATA_VALID) != 0;
        boolean joined = buffer.getByte(offset + GSO_TYPE) != TxOffload.GSO_NONE;
        rx.gsoSize = joined ? buffer.getShort(offset + GSO_SIZE) & 0xffff : 0;
    }

    /** Packets on the wire that a frame of {@code length} bytes becomes. */
    static int pieces(TxOffload tx, int length) {
        int payload = length - tx.headerLength;
        if (tx.gsoType == TxOffload.GSO_NONE || tx.gsoSize <= 0 || payload <= tx.gsoSize) {
            return 1;
        }
        return (payload + tx.gsoSize - 1) / tx.gsoSize;
    }
}
