package dev.penstock.stack.link;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.VlanTag;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/** Frames from a port's device: checked, and passed up by VLAN and by type. */
final class EthernetInput implements FrameHandler {
    /** More than two tags of VLANs and two of priorities serve nothing. */
    private static final int MAX_TAGS = 4;

    private final EthernetPort port;
    private final Counters counters;
    private Frame current;
    private long nowNs;
    /** Of the current frame: the port or sub-interface that it is for. */
    private EthernetPort target;
    /** Bytes of its headers, tags included. */
    private int header;
    /** Of its payload. */
    private int type;

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
        if (port.taps().count > 0) {
            port.taps().show(frame, false);
        }
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
        target = port;
        header = EthernetHeader.LENGTH;
        type = EthernetHeader.type(frame.buffer(), start);
        if (VlanTag.isTag(type)) {
            bad = untag(frame.buffer(), start, length);
            if (bad != null) {
                return bad;
            }
        }
        EthernetPort to = target;
        if (!to.isEnabled()) {
            return DropReason.INTERFACE_DOWN;
        }
        long destination = EthernetHeader.destination(frame.buffer(), start);
        boolean toGroup = MacAddress.isGroup(destination);
        boolean forUs = toGroup
                ? destination == MacAddress.BROADCAST || to.isListeningTo(destination)
                : destination == to.mac();
        if (!forUs) {
            return DropReason.ETHERNET_NOT_FOR_US;
        }
        long source = EthernetHeader.source(frame.buffer(), start);
        // A frame of our own that a loop in the network brought back must not look like another station's.
        if (!MacAddress.isUnicast(source) || source == to.mac()) {
            return DropReason.ETHERNET_BAD_SOURCE;
        }
        EtherTypeHandler handler = to.handler(type);
        if (handler == null) {
            return DropReason.ETHERNET_UNKNOWN_TYPE;
        }
        handler.onPayload(to, frame, start + header, length - header, source, toGroup, nowNs);
        return null;
    }

    /** Goes from tag to tag, and from port to sub-interface; leaves the type behind the last one. */
    private DropReason untag(DirectBuffer buffer, int start, int length) {
        for (int tags = 0; VlanTag.isTag(type); tags++) {
            if (tags == MAX_TAGS) {
                return DropReason.VLAN_TOO_MANY_TAGS;
            }
            if (length < header + VlanTag.LENGTH) {
                return DropReason.ETHERNET_TRUNCATED;
            }
            int vid = VlanTag.vid(buffer, start + header);
            // IEEE 802.1Q-2018, 9.6, table 9-2: VID 0xFFF "shall not be configured as a PVID or a member of a VID
            // Set, or transmitted in a tag header".
            if (vid == VlanTag.RESERVED_VID) {
                return DropReason.VLAN_RESERVED;
            }
            // VID 0 "indicates that the tag header contains only priority information; no VID is present in the frame."
            if (vid != VlanTag.NO_VLAN) {
                target = target.vlanOf(type, vid);
                if (target == null) {
                    return DropReason.VLAN_UNKNOWN;
                }
            }
            type = Wire.u16(buffer, start + header + 2);
            header += VlanTag.LENGTH;
        }
        return null;
    }
}
