package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A digest of all that happens in a network: what happened to which frame, where and when, and every byte of it. Equal
 * runs have equal digests; of runs that differ in anything, two have the same one by an accident of one in 2^64. Not for
 * secrets.
 *
 * <pre>{@code
 * RunDigest digest = RunDigest.of(net);
 * ...
 * assertEquals(digestOfAnotherRun, digest.value());
 * }</pre>
 */
public final class RunDigest implements LinkObserver {
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[Frame.MAX_LENGTH + Frame.HEADROOM]);
    private long value = MULTIPLIER;
    private long events;

    private RunDigest() {}

    /** Of all that happens in {@code network} from now on. */
    public static RunDigest of(SimulatedNetwork network) {
        RunDigest digest = new RunDigest();
        network.observe(digest);
        return digest;
    }

    @Override
    @SuppressWarnings("EnumOrdinal")
    public void onEvent(LinkEvent event, LinkSide side, Frame frame, long nowNs) {
        events++;
        int length = frame.length();
        mix(nowNs);
        mix((long) side.number() << 40 | (long) event.ordinal() << 32 | length);
        if (frame.sliceCount() == 0) {
            content(frame.buffer(), frame.start(), length);
        } else {
            frame.copyTo(copy, 0);
            content(copy, 0, length);
        }
    }

    private void content(UnsafeBuffer buffer, int offset, int length) {
        int at = offset;
        int whole = offset + (length & ~7);
        for (; at < whole; at += 8) {
            mix(buffer.getLong(at));
        }
        long rest = 0;
        for (int i = 0; i < (length & 7); i++) {
            rest = rest << 8 | buffer.getByte(at + i) & 0xff;
        }
        mix(rest);
    }

    private void mix(long word) {
        value = (value ^ word) * MULTIPLIER;
        value ^= value >>> 32;
    }

    /** Of what has happened so far. */
    public long value() {
        return value;
    }

    /** How much has happened so far. */
    public long events() {
        return events;
    }
}
