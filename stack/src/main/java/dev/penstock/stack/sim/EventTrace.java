package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.Packets;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.UdpHeader;
import dev.penstock.stack.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.agrona.DirectBuffer;

/**
 * Writes what happens in a network as comma-separated values, a line for each event: nanoseconds since
 * {@link SimulatedNetwork#EPOCH_NS}, the direction of the link, the {@link LinkEvent}, bytes of the frame, and the packet in
 * a few words. At a limit of lines it ends with a line that says so.
 *
 * <pre>{@code
 * ns,link,event,bytes,packet
 * 1500000,a>lan,LOST,1514,192.0.2.1:49152 > 192.0.2.2:80 TCP A seq 7 ack 1 len 1448
 * }</pre>
 */
public final class EventTrace implements LinkObserver {
    static final String HEADING = "ns,link,event,bytes,packet\n";

    private static final int IPV6_HEADER = 40;
    private static final int ICMPV6 = 58;
    private static final char[] FLAGS = {'F', 'S', 'R', 'P', 'A', 'U', 'E', 'W'};

    private final Appendable out;
    private final long maxLines;
    private final StringBuilder line = new StringBuilder(160);
    private long lines;

    private EventTrace(Appendable out, long maxLines) {
        this.out = out;
        this.maxLines = maxLines;
    }

    /**
     * Of all that happens in {@code network} from now on.
     *
     * @param out where to; not closed. What it throws comes out of the network's {@code step} as an
     *     {@link UncheckedIOException}
     * @param maxLines after which it ends
     */
    public static EventTrace of(SimulatedNetwork network, Appendable out, long maxLines) {
        EventTrace trace = new EventTrace(out, maxLines);
        trace.write(HEADING);
        network.observe(trace);
        return trace;
    }

    /** Lines written, the heading not counted. */
    public long lines() {
        return lines;
    }

    @Override
    public void onEvent(LinkEvent event, LinkSide side, Frame frame, long nowNs) {
        if (lines >= maxLines) {
            if (lines == maxLines) {
                lines++;
                write("# the limit of " + maxLines + " lines is reached\n");
            }
            return;
        }
        lines++;
        line.setLength(0);
        format(line, event, side, nowNs, frame.length(), frame.buffer(), frame.start(), frame.headLength());
        write(line);
    }

    /**
     * Appends a line.
     *
     * @param length of the whole frame
     * @param present bytes of it at {@code start} of {@code b}
     */
    static void format(
            StringBuilder line,
            LinkEvent event,
            LinkSide side,
            long nowNs,
            int length,
            DirectBuffer b,
            int start,
            int present) {
        line.append(nowNs - SimulatedNetwork.EPOCH_NS).append(',').append(side).append(',');
        line.append(event).append(',').append(length).append(',');
        describe(line, b, start, present);
        line.append('\n');
    }

    private void write(CharSequence text) {
        try {
            out.append(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void describe(StringBuilder line, DirectBuffer b, int start, int length) {
        int link = Packets.linkLength(b, start, length);
        if (link < 0) {
            int type = length < EthernetHeader.LENGTH ? 0 : EthernetHeader.type(b, start);
            line.append(type == EthernetHeader.TYPE_ARP ? "ARP" : "type 0x" + Integer.toHexString(type));
            return;
        }
        int ip = start + link;
        int end = start + length;
        if (length - link >= Ipv4Header.MIN_LENGTH && Wire.u8(b, ip) >>> 4 == 4) {
            IpAddress source = IpAddress.ofV4(Ipv4Header.source(b, ip));
            IpAddress destination = IpAddress.ofV4(Ipv4Header.destination(b, ip));
            if (Ipv4Header.isFragment(b, ip)) {
                line.append(source).append(" > ").append(destination).append(" fragment ");
                line.append(Ipv4Header.identification(b, ip)).append('@').append(Ipv4Header.fragmentOffset(b, ip));
                return;
            }
            int header = Ipv4Header.headerLength(b, ip);
            int payload = Math.max(0, Ipv4Header.totalLength(b, ip) - header);
            int protocol = Ipv4Header.protocol(b, ip);
            transport(line, source, destination, protocol, b, ip + header, end, payload);
        } else if (length - link >= IPV6_HEADER) {
            IpAddress source = new IpAddress(Wire.i64(b, ip + 8), Wire.i64(b, ip + 16));
            IpAddress destination = new IpAddress(Wire.i64(b, ip + 24), Wire.i64(b, ip + 32));
            int at = ip + IPV6_HEADER;
            transport(line, source, destination, Wire.u8(b, ip + 6), b, at, end, Wire.u16(b, ip + 4));
        } else {
            line.append("truncated");
        }
    }

    private static void transport(
            StringBuilder line,
            IpAddress source,
            IpAddress destination,
            int protocol,
            DirectBuffer b,
            int at,
            int end,
            int length) {
        boolean isTcp = protocol == IpProtocol.TCP && at + TcpHeader.MIN_LENGTH <= end;
        boolean isUdp = protocol == IpProtocol.UDP && at + UdpHeader.LENGTH <= end;
        boolean ports = isTcp || isUdp;
        endpoint(line, source, ports ? Wire.u16(b, at) : -1);
        line.append(" > ");
        endpoint(line, destination, ports ? Wire.u16(b, at + 2) : -1);
        if (isTcp) {
            line.append(" TCP ");
            int flags = TcpHeader.flags(b, at);
            for (int i = 0; i < FLAGS.length; i++) {
                if ((flags >>> i & 1) != 0) {
                    line.append(FLAGS[i]);
                }
            }
            line.append(" seq ").append(TcpHeader.sequence(b, at) & 0xffff_ffffL);
            line.append(" ack ").append(Wire.u32(b, at + 8));
            line.append(" len ").append(length - TcpHeader.headerLength(b, at));
        } else if (isUdp) {
            line.append(" UDP len ").append(length - UdpHeader.LENGTH);
        } else if ((protocol == IpProtocol.ICMP || protocol == ICMPV6) && at + 2 <= end) {
            line.append(" ICMP type ").append(Wire.u8(b, at));
            line.append(" code ").append(Wire.u8(b, at + 1));
        } else {
            line.append(" protocol ").append(protocol);
        }
    }

    private static void endpoint(StringBuilder line, IpAddress address, int port) {
        line.append(address);
        if (port >= 0) {
            line.append(':').append(port);
        }
    }
}
