package dev.penstock.apps.netsim;

import dev.penstock.stack.device.PcapngWriter;
import dev.penstock.stack.tcp.TcpTracer;

/**
 * What looks on while a simulation runs, on its thread.
 *
 * @param capture gets the packets of both ends of a link, or null
 * @param tracer is told what happens to the sender's connection, or null
 */
public record Instruments(PcapngWriter capture, TcpTracer tracer) {
    /** Nothing looks on. */
    public static final Instruments NONE = new Instruments(null, null);
}
