package dev.penstock.stack.link;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.Wire;

/** Frames from a port's device: checked, and passed up by type. */
final class EthernetInput implements FrameHandler {
    private static final int TAG_LENGTH = 4;
    private static final int VID_MASK = 0x0fff;

    private final EthernetPort port;
    private final Counters counters;
    private Frame current;
    private long nowNs;

    EthernetInput(EthernetPort port, Counters counters) {
        this.port = port;
        this.counters = counters;
    }

    int poll(int limit, long nowNs) {
        this.nowNs = nowNs;
        return port.device().poll(this, limit);
    }

    /** The frame that is being passed up, or null. */
    Frame current() {
        return current;
    }

    @Override
    public void onFrame(Frame frame) {
        counters.count(StackCounter.FRAMES_IN);
        counters.count(StackCounter.BYTES_IN, frame.length());
        current = frame;
        DropReason reason = pass(frame);
        if (reason != null) {
            port.drop(reason);
        }
        current = null;
    }

    private DropReason pass(Frame frame) {
        int start = frame.start();
        int length = frame.headLength();
        DropReason bad = EthernetHeader.check(length);
        if (bad != null) {
            return bad;
        }
        long destination = EthernetHeader.destination(frame.buffer(), start);
        boolean toGroup = MacAddress.isGroup(destination);
        boolean forUs = toGroup
                ? destination == MacAddress.BROADCAST || port.isListeningTo(destination)
                : destination == port.mac();
        if (!forUs) {
            return DropReason.ETHERNET_NOT_FOR_US;
        }
        long source = EthernetHeader.source(frame.buffer(), start);
        // A frame of our own that a loop in the network brought back must not look like another station's.
        if (!MacAddress.isUnicast(source) || source == port.mac()) {
            return DropReason.ETHERNET_BAD_SOURCE;
        }
        int header = EthernetHeader.LENGTH;
        int type = EthernetHeader.type(frame.buffer(), start);
        if (type == EthernetHeader.TYPE_VLAN) {
            if (length < header + TAG_LENGTH) {
                return DropReason.ETHERNET_TRUNCATED;
            }
            // IEEE 802.1Q, 9.6, table 9-2: VID 0 "indicates that the tag header contains only priority information".
            if ((Wire.u16(frame.buffer(), start + header) & VID_MASK) != 0) {
                return DropReason.VLAN_UNSUPPORTED;
            }
            type = Wire.u16(frame.buffer(), start + header + 2);
            header += TAG_LENGTH;
        }
        if (type == EthernetHeader.TYPE_QINQ || type == EthernetHeader.TYPE_VLAN) {
            return DropReason.VLAN_UNSUPPORTED;
        }
        EtherTypeHandler handler = port.handler(type);
        if (handler == null) {
            return DropReason.ETHERNET_UNKNOWN_TYPE;
        }
        handler.onPayload(port, frame, start + header, length - header, source, toGroup, nowNs);
        return null;
    }
}
