package dev.penstock.conformance.transfer;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.FrameHandler;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/** A digest over all frames it is shown: bytes, lengths and moments. Equal runs have equal digests. One thread. */
final class FrameDigest implements FrameHandler {
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    private final LongSupplier nowNs;
    private final CRC32C crc = new CRC32C();
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[Frame.HEADROOM + Frame.MAX_LENGTH]);
    private final ByteBuffer bytes = ByteBuffer.wrap(copy.byteArray());
    private long value;

    FrameDigest(LongSupplier nowNs) {
        this.nowNs = nowNs;
    }

    @Override
    public void onFrame(Frame frame) {
        int length = frame.length();
        frame.copyTo(copy, 0);
        crc.reset();
        crc.update(bytes.limit(length).position(0));
        value = (value ^ crc.getValue() << 17 ^ length ^ nowNs.getAsLong()) * MULTIPLIER;
        value ^= value >>> 29;
    }

    long value() {
        return value;
    }
}
