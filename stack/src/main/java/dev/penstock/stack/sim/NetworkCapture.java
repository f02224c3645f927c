package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.Packets;
import dev.penstock.stack.device.PcapngWriter;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2IntHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes what the hosts and routers of a network send and receive as one pcapng file, each of their links an interface,
 * with the network's time in nanoseconds. A packet that is dropped is there once, with the reason as its comment.
 *
 * <pre>{@code
 * try (NetworkCapture capture = NetworkCapture.of(net, Files.newByteChannel(file, CREATE, WRITE))) {
 *     net.run(...);
 * }
 * }</pre>
 */
public final class NetworkCapture implements LinkObserver, AutoCloseable {
    private static final String[] COMMENTS = comments();
    private static final int NONE = -1;

    private final PcapngWriter writer;
    /** Interfaces by {@link LinkSide#number} of what goes out there; made as they are first needed. */
    private final Int2IntHashMap interfaces = new Int2IntHashMap(NONE);

    private final Set<SimulatedNode> only;
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[Frame.HEADROOM + Frame.MAX_LENGTH]);

    NetworkCapture(WritableByteChannel channel, int snapLength, Collection<? extends SimulatedNode> only) {
        this.writer = new PcapngWriter(channel, snapLength);
        this.only = only == null ? null : new HashSet<>(only);
    }

    /**
     * Of all hosts and routers, from now on.
     *
     * @param channel where to; closed by {@link #close}. What fails there ends the capture, not the run
     */
    public static NetworkCapture of(SimulatedNetwork network, WritableByteChannel channel) {
        NetworkCapture capture = new NetworkCapture(channel, PcapngWriter.MAX_SNAP_LENGTH, null);
        network.observe(capture);
        return capture;
    }

    /** Of these hosts and routers only. */
    public static NetworkCapture of(SimulatedNetwork network, WritableByteChannel channel, SimulatedNode... only) {
        NetworkCapture capture = new NetworkCapture(channel, PcapngWriter.MAX_SNAP_LENGTH, Arrays.asList(only));
        network.observe(capture);
        return capture;
    }

    /** Packets written. */
    public long packets() {
        return writer.packets();
    }

    /** Writes that failed, and the packets lost by that. */
    public long errors() {
        return writer.errors();
    }

    @Override
    public void onEvent(LinkEvent event, LinkSide side, Frame frame, long nowNs) {
        if (writer.isStopped() || !isShown(event)) {
            return;
        }
        int length = frame.length();
        frame.copyTo(copy, 0);
        if (frame.tx().checksumNeeded || frame.rx().partial) {
            Packets.completeChecksum(copy, 0, length);
        }
        write(event, side, copy, 0, length, nowNs);
    }

    /** What ends a frame's way into a link, or out of it. */
    static boolean isShown(LinkEvent event) {
        return event == LinkEvent.SENT || event == LinkEvent.DELIVERED || event.isDrop();
    }

    @SuppressWarnings("EnumOrdinal")
    void write(LinkEvent event, LinkSide side, DirectBuffer buffer, int offset, int length, long nowNs) {
        boolean out = isShownWhereItWasSent(event, side);
        LinkEnd end = out ? side.from() : side.to();
        if (isSilent(end)) {
            return;
        }
        int direction = out ? PcapngWriter.OUTBOUND : PcapngWriter.INBOUND;
        writer.packet(interfaceOf(end), nowNs, direction, buffer, offset, length, COMMENTS[event.ordinal()]);
    }

    /** A drop on the way from a switch shows where the frame would have arrived. */
    private boolean isShownWhereItWasSent(LinkEvent event, LinkSide side) {
        boolean arrived =
                event == LinkEvent.DELIVERED || event == LinkEvent.PARTITIONED || event == LinkEvent.NOT_FORWARDED;
        return !arrived && (event == LinkEvent.SENT || !isSilent(side.from()));
    }

    private boolean isSilent(LinkEnd end) {
        SimulatedNode node = end.node();
        return node instanceof SimulatedSwitch || (only != null && !only.contains(node));
    }

    private int interfaceOf(LinkEnd end) {
        int number = end.outgoing().number();
        int known = interfaces.get(number);
        if (known != NONE) {
            return known;
        }
        int made = writer.addInterface(end + " (" + end.outgoing() + ")");
        interfaces.put(number, made);
        return made;
    }

    private static String[] comments() {
        LinkEvent[] events = LinkEvent.values();
        String[] comments = new String[events.length];
        for (int i = 0; i < events.length; i++) {
            comments[i] = events[i].isDrop() ? "drop: " + events[i].name() : null;
        }
        return comments;
    }

    void flush() {
        writer.flush();
    }

    /** Writes out what is buffered and closes the channel. */
    @Override
    public void close() {
        writer.close();
    }
}
