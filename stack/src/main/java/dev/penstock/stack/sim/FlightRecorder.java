package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.Packets;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Remembers the last things that happened in a network, in memory of a fixed size, so that a run which turns out to have
 * failed can be looked at: as a trace, and as a capture. Of each frame it keeps the first bytes only.
 */
public final class FlightRecorder implements LinkObserver {
    private static final int HEADER = 24;
    private static final int FIRST_SLOTS = 256;
    private static final LinkEvent[] EVENTS = LinkEvent.values();

    private final SimulatedNetwork network;
    private final int snapLength;
    private final int slot;
    private final int slots;
    /** Grows as it is needed. */
    private final UnsafeBuffer memory;

    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[Frame.HEADROOM + Frame.MAX_LENGTH]);
    private long recorded;

    private FlightRecorder(SimulatedNetwork network, int events, int snapLength) {
        if (snapLength < 64 || snapLength > Frame.MAX_LENGTH || events < 1) {
            throw new IllegalArgumentException(events + " events, " + snapLength + " bytes of each frame");
        }
        this.network = network;
        this.snapLength = snapLength;
        this.slot = HEADER + (snapLength + 7 & ~7);
        this.slots = events;
        Math.multiplyExact(slot, events);
        this.memory = new UnsafeBuffer(new byte[slot * Math.min(events, FIRST_SLOTS)]);
    }

    /**
     * Of all that happens in {@code network} from now on.
     *
     * @param events the most that are remembered; the oldest are forgotten. Together at most 2 GiB
     * @param snapLength the most bytes of each frame to keep, 64 .. 65,557
     */
    public static FlightRecorder of(SimulatedNetwork network, int events, int snapLength) {
        FlightRecorder recorder = new FlightRecorder(network, events, snapLength);
        network.observe(recorder);
        return recorder;
    }

    @Override
    @SuppressWarnings("EnumOrdinal")
    public void onEvent(LinkEvent event, LinkSide side, Frame frame, long nowNs) {
        int at = (int) (recorded++ % slots) * slot;
        if (at == memory.capacity()) {
            long more = Math.min(2L * at, (long) slot * slots);
            memory.wrap(Arrays.copyOf(memory.byteArray(), (int) more));
        }
        int length = frame.length();
        int kept = Math.min(snapLength, length);
        memory.putLong(at, nowNs);
        memory.putInt(at + 8, side.number());
        memory.putInt(at + 12, event.ordinal());
        memory.putInt(at + 16, length);
        memory.putInt(at + 20, kept);
        boolean partial = frame.tx().checksumNeeded || frame.rx().partial;
        if (kept <= frame.headLength() && !partial) {
            memory.putBytes(at + HEADER, frame.buffer(), frame.start(), kept);
            return;
        }
        frame.copyTo(copy, 0);
        if (partial) {
            Packets.completeChecksum(copy, 0, length);
        }
        memory.putBytes(at + HEADER, copy, 0, kept);
    }

    /** How much has happened, what is forgotten included. */
    public long recorded() {
        return recorded;
    }

    private long first() {
        return Math.max(0, recorded - slots);
    }

    /** Writes what is remembered as {@link EventTrace} does. */
    public void writeTrace(Appendable out) throws IOException {
        out.append(EventTrace.HEADING);
        if (first() > 0) {
            out.append("# " + first() + " events before these are forgotten\n");
        }
        StringBuilder line = new StringBuilder();
        for (long i = first(); i < recorded; i++) {
            int at = (int) (i % slots) * slot;
            line.setLength(0);
            EventTrace.format(
                    line,
                    EVENTS[memory.getInt(at + 12)],
                    network.side(memory.getInt(at + 8)),
                    memory.getLong(at),
                    memory.getInt(at + 16),
                    memory,
                    at + HEADER,
                    memory.getInt(at + 20));
            out.append(line);
        }
    }

    /** Writes what is remembered as {@link NetworkCapture} does, frames cut short; closes {@code channel}. */
    public void writeCapture(WritableByteChannel channel) throws IOException {
        try (NetworkCapture capture = new NetworkCapture(channel, snapLength, null)) {
            for (long i = first(); i < recorded; i++) {
                int at = (int) (i % slots) * slot;
                LinkEvent event = EVENTS[memory.getInt(at + 12)];
                if (NetworkCapture.isShown(event)) {
                    LinkSide side = network.side(memory.getInt(at + 8));
                    capture.write(event, side, memory, at + HEADER, memory.getInt(at + 16), memory.getLong(at));
                }
            }
            capture.flush();
            if (capture.errors() > 0) {
                throw new IOException("the capture could not be written");
            }
        }
    }
}
