package dev.penstock.stack.shard;

import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.udp.UdpHandler;
import org.agrona.DirectBuffer;

/** Around the handler of one endpoint: what it throws is reported, and kept from the shard. */
final class GuardedUdpHandler implements UdpHandler {
    private final UdpHandler handler;
    private final Faults faults;

    GuardedUdpHandler(UdpHandler handler, Faults faults) {
        this.handler = handler;
        this.faults = faults;
    }

    @Override
    public void onDatagram(
            DirectBuffer buffer,
            int offset,
            int length,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {
        try {
            handler.onDatagram(buffer, offset, length, srcHi, srcLo, srcPort, dstHi, dstLo, nowNs);
        } catch (Exception | Error e) {
            faults.ofApplication(e);
        }
    }

    @Override
    public void onRun(
            DirectBuffer buffer,
            int offset,
            int length,
            int segmentSize,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {
        try {
            handler.onRun(buffer, offset, length, segmentSize, srcHi, srcLo, srcPort, dstHi, dstLo, nowNs);
        } catch (Exception | Error e) {
            faults.ofApplication(e);
        }
    }

    @Override
    public void onReadable(long nowNs) {
        try {
            handler.onReadable(nowNs);
        } catch (Exception | Error e) {
            faults.ofApplication(e);
        }
    }

    @Override
    public void onWritable(long nowNs) {
        try {
            handler.onWritable(nowNs);
        } catch (Exception | Error e) {
            faults.ofApplication(e);
        }
    }

    @Override
    public void onIcmpError(IcmpError error, int remotePort, long nowNs) {
        try {
            handler.onIcmpError(error, remotePort, nowNs);
        } catch (Exception | Error e) {
            faults.ofApplication(e);
        }
    }

    @Override
    public void onError(IcmpError.Kind kind, long remoteHi, long remoteLo, int remotePort, int mtu, long nowNs) {
        try {
            handler.onError(kind, remoteHi, remoteLo, remotePort, mtu, nowNs);
        } catch (Exception | Error e) {
            faults.ofApplication(e);
        }
    }
}
