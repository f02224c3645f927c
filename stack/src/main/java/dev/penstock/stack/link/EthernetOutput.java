package dev.penstock.stack.link;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.VlanTag;
import dev.penstock.stack.wire.Wire;
import org.agrona.MutableDirectBuffer;

/** Frames to a port's device: the header pushed, the offload fields completed. */
final class EthernetOutput {
    private final EthernetPort port;
    private final Counters counters;

    EthernetOutput(EthernetPort port, Counters counters) {
        this.port = port;
        this.counters = counters;
    }

    int send(Frame frame, long destination, int etherType) {
        int header = port.headerLength();
        int at = frame.pushLink(header);
        TxOffload tx = frame.tx();
        if (header == EthernetHeader.LENGTH) {
            EthernetHeader.put(frame.buffer(), at, destination, port.mac(), etherType);
        } else {
            putTagged(frame.buffer(), at, destination, header, etherType, Math.max(0, tx.priority));
        }
        boolean offload = tx.checksumNeeded || tx.gsoType != TxOffload.GSO_NONE;
        int below = frame.transportOffset() - at;
        if (offload) {
            tx.csumStart = below;
            tx.headerLength += below;
        }
        int length = frame.length();
        int pieces = pieces(tx, length);
        int taken = port.device().offer(frame);
        if (taken > 0) {
            counters.count(StackCounter.FRAMES_OUT, taken);
            counters.count(StackCounter.BYTES_OUT, bytes(tx, length, pieces, taken));
            if (port.taps().count > 0) {
                port.taps().show(frame, true);
            }
        }
        if (taken < pieces) {
            frame.popLink(header);
            if (offload) {
                tx.csumStart = 0;
                tx.headerLength -= below;
            }
        }
        return taken;
    }

    /** A frame that has its link header. */
    int sendWhole(Frame frame) {
        int taken = port.device().offer(frame);
        if (taken > 0) {
            counters.count(StackCounter.FRAMES_OUT);
            counters.count(StackCounter.BYTES_OUT, frame.length());
            if (port.taps().count > 0) {
                port.taps().show(frame, true);
            }
        }
        return taken;
    }

    /** IEEE 802.1Q-2018, 9.3: the tags stand between the source address and the type, the outermost first. */
    private void putTagged(MutableDirectBuffer buffer, int at, long destination, int header, int type, int priority) {
        MacAddress.put(buffer, at, destination);
        MacAddress.put(buffer, at + 6, port.mac());
        int tag = at + header - 2;
        for (EthernetPort p = port; p.parent() != null; p = p.parent()) {
            tag -= VlanTag.LENGTH;
            VlanTag.put(buffer, tag, p.tagProtocol(), priority, p.vid());
        }
        Wire.u16(buffer, at + header - 2, type);
    }

    /** Bytes on the wire: each piece has the headers. */
    private static long bytes(TxOffload tx, int length, int pieces, int taken) {
        return taken == pieces
                ? length + (taken - 1L) * tx.headerLength
                : (long) taken * (tx.gsoSize + tx.headerLength);
    }

    private static int pieces(TxOffload tx, int length) {
        if (tx.gsoType == TxOffload.GSO_NONE) {
            return 1;
        }
        return Math.max(1, (length - tx.headerLength + tx.gsoSize - 1) / tx.gsoSize);
    }
}
