package dev.penstock.stack.link;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropListener;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.VlanTag;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * A device with a MAC address, or a VLAN on one: Ethernet II frames in and out (RFC 894; IEEE 802.3, clause 3; IEEE 802.1Q, clause
 * 9). The upcalls are set once, when the stack is wired. Shard thread.
 */
public final class EthernetPort {
    /** The most multicast groups that a port listens to. */
    public static final int MAX_GROUPS = 512;

    /** The most VLANs directly on one port. */
    public static final int MAX_VLANS = 64;
    /** The deepest nesting: a customer's VLAN in a provider's (IEEE 802.1ad). */
    public static final int MAX_DEPTH = 2;

    /** The most taps on one device. */
    public static final int MAX_TAPS = 16;
    /** {@link #openTap}: frames of all types. */
    public static final int ANY_TYPE = -1;

    private static final EthernetPort[] NO_VLANS = {};

    private final NetworkDevice device;
    private final DeviceCapabilities capabilities;
    private final long mac;
    private final Counters counters;
    private final DropListener dropListener;
    private final EthernetInput input;
    private final EthernetOutput output;
    private final long[] groups = new long[MAX_GROUPS];
    private final int[] groupUses = new int[MAX_GROUPS];
    private int groupCount;
    private final EthernetPort parent;
    private final FrameTaps taps;
    /** For {@link #sendFrame}; null until it is used. */
    private Frame whole;

    private final int tagProtocol;
    private final int vid;
    private final int headerLength;
    private EthernetPort[] vlans = NO_VLANS;
    private boolean enabled = true;
    private EtherTypeHandler arp;
    private EtherTypeHandler ipv4;
    private EtherTypeHandler ipv6;

    /**
     * @param device frames come from it and go to it; it gives the MAC address
     * @param dropListener told of each dropped frame, or null
     */
    public EthernetPort(NetworkDevice device, Counters counters, DropListener dropListener) {
        if (!MacAddress.isUnicast(device.macAddress())) {
            throw new IllegalArgumentException("not a unicast MAC address: " + Long.toHexString(device.macAddress()));
        }
        this.device = device;
        this.capabilities = device.capabilities();
        this.mac = device.macAddress();
        this.counters = counters;
        this.dropListener = dropListener;
        this.parent = null;
        this.taps = new FrameTaps();
        this.tagProtocol = 0;
        this.vid = VlanTag.NO_VLAN;
        this.headerLength = EthernetHeader.LENGTH;
        this.input = new EthernetInput(this, counters);
        this.output = new EthernetOutput(this, counters);
    }

    private EthernetPort(EthernetPort parent, int tagProtocol, int vid) {
        this.device = parent.device;
        this.capabilities = parent.capabilities;
        this.mac = parent.mac;
        this.counters = parent.counters;
        this.dropListener = parent.dropListener;
        this.parent = parent;
        this.taps = parent.taps;
        this.tagProtocol = tagProtocol;
        this.vid = vid;
        this.headerLength = parent.headerLength + VlanTag.LENGTH;
        this.input = parent.input;
        this.output = new EthernetOutput(this, counters);
    }

    /**
     * A VLAN on this port, as a port of its own: the same device and MAC address, tagged frames. Its MTU is that of the device: tags
     * are not counted, as in Linux and in IEEE 802.3, 3.2.7.
     *
     * @param tagProtocol {@link EthernetHeader#TYPE_VLAN}, or {@link EthernetHeader#TYPE_QINQ} for a provider's (IEEE 802.1ad)
     * @param vlanId 1 .. 4094
     * @throws IllegalArgumentException if the number is out of range, the VLAN is there already, or this port is nested as deep as
     *     is possible
     */
    public EthernetPort addVlan(int tagProtocol, int vlanId) {
        // IEEE 802.1Q-2018, 9.6, table 9-2: VID 0 is "the null VID", 0xFFF is "reserved for implementation use".
        if (vlanId < 1 || vlanId > VlanTag.MAX_VID) {
            throw new IllegalArgumentException("a VLAN id must be in 1 .. " + VlanTag.MAX_VID + ": " + vlanId);
        }
        if (!VlanTag.isTag(tagProtocol)) {
            throw new IllegalArgumentException("no tag protocol: 0x" + Integer.toHexString(tagProtocol));
        }
        if (depth() == MAX_DEPTH) {
            throw new IllegalArgumentException("VLANs may be nested " + MAX_DEPTH + " deep, no deeper");
        }
        if (vlanOf(tagProtocol, vlanId) != null) {
            throw new IllegalArgumentException("VLAN " + vlanId + " is there already");
        }
        if (vlans.length == MAX_VLANS) {
            throw new IllegalArgumentException("at most " + MAX_VLANS + " VLANs on one interface");
        }
        EthernetPort vlan = new EthernetPort(this, tagProtocol, vlanId);
        vlans = Arrays.copyOf(vlans, vlans.length + 1);
        vlans[vlans.length - 1] = vlan;
        return vlan;
    }

    private int depth() {
        return parent == null ? 0 : 1 + parent.depth();
    }

    /** The VLAN of this tag on this port, or null. */
    EthernetPort vlanOf(int protocol, int vlanId) {
        for (EthernetPort vlan : vlans) {
            if (vlan.vid == vlanId && vlan.tagProtocol == protocol) {
                return vlan;
            }
        }
        return null;
    }

    /** What this is a VLAN on, or null if it is the device itself. */
    public EthernetPort parent() {
        return parent;
    }

    /** 1 .. 4094, or 0 for the device itself: untagged frames, and those with a priority tag. */
    public int vid() {
        return vid;
    }

    /** The type of the tag, {@link EthernetHeader#TYPE_VLAN} or {@link EthernetHeader#TYPE_QINQ}; 0 for the device itself. */
    public int tagProtocol() {
        return tagProtocol;
    }

    /** Bytes of the link header, tags included. */
    int headerLength() {
        return headerLength;
    }

    /** Takes it out of use and into use again, as an administrator does: it is up only while its device is and it is enabled. */
    public void setEnabled(boolean on) {
        enabled = on;
    }

    /** See {@link #setEnabled}; a VLAN's port, whether all that it stands on are enabled, too. */
    public boolean isEnabled() {
        return enabled && (parent == null || parent.isEnabled());
    }

    /** Sets who takes the frames of {@code etherType}: ARP, IPv4 or IPv6. */
    public void setHandler(int etherType, EtherTypeHandler handler) {
        switch (etherType) {
            case EthernetHeader.TYPE_ARP -> arp = handler;
            case EthernetHeader.TYPE_IPV4 -> ipv4 = handler;
            case EthernetHeader.TYPE_IPV6 -> ipv6 = handler;
            default -> throw new IllegalArgumentException("no such protocol: 0x" + Integer.toHexString(etherType));
        }
    }

    EtherTypeHandler handler(int etherType) {
        return switch (etherType) {
            case EthernetHeader.TYPE_IPV4 -> ipv4;
            case EthernetHeader.TYPE_IPV6 -> ipv6;
            case EthernetHeader.TYPE_ARP -> arp;
            default -> null;
        };
    }

    /**
     * Reads at most {@code limit} frames from the device and passes them up, those of its VLANs included; those of a VLAN's port
     * come with its device's.
     *
     * @return how many there were
     */
    public int poll(int limit, long nowNs) {
        taps.nowNs = nowNs;
        return parent == null ? input.poll(limit, nowNs) : 0;
    }

    FrameTaps taps() {
        return taps;
    }

    /**
     * Shows the frames of this port's device to a tool, those of all its VLANs with their tags included.
     *
     * @param etherType of the link header, {@link #ANY_TYPE} for all; of tagged frames it is the tag's
     * @return false at the limit, {@link #MAX_TAPS}
     */
    public boolean openTap(int etherType, FrameTap tap) {
        return taps.open(etherType, tap);
    }

    /** Takes {@link #openTap} back; nothing happens if it is not there. */
    public void closeTap(FrameTap tap) {
        taps.close(tap);
    }

    /**
     * Sends a frame as it is, link header included, past the stack.
     *
     * @param length bytes, at least those of a link header, at most what the device takes with two tags
     * @return how many the device took: 1, or 0 when it is full or down
     */
    public int sendFrame(DirectBuffer data, int offset, int length) {
        if (length < EthernetHeader.LENGTH
                || length > Math.min(mtu() + EthernetHeader.LENGTH + MAX_DEPTH * VlanTag.LENGTH, Frame.MAX_LENGTH)) {
            throw new IllegalArgumentException("no length of a frame here: " + length);
        }
        if (!isUp()) {
            return 0;
        }
        if (whole == null) {
            whole = new Frame(Frame.MAX_LENGTH);
        }
        whole.reset();
        whole.append(data, offset, length);
        return output.sendWhole(whole);
    }

    /**
     * Pushes the Ethernet header, completes {@code frame.tx()} for it and offers the frame to the device.
     *
     * @param destination the MAC address to send to
     * @param etherType of the payload
     * @return how many pieces the device took, see {@link NetworkDevice#offer}; unless that is all of them, the header
     *     is off the frame again and {@code frame.tx()} as it was
     */
    public int send(Frame frame, long destination, int etherType) {
        return output.send(frame, destination, etherType);
    }

    /** Counts the frame that is being passed up as dropped, and shows it to the listener. */
    public void drop(DropReason reason) {
        counters.drop(reason);
        Frame frame = input.current();
        if (dropListener != null && frame != null) {
            dropListener.onDrop(reason, frame.buffer(), frame.start(), frame.headLength());
        }
    }

    /** Listens to a multicast address; each call needs its {@link #leave}. False at the limit. */
    public boolean join(long group) {
        int i = indexOf(group);
        if (i < 0) {
            if (groupCount == MAX_GROUPS) {
                return false;
            }
            i = groupCount++;
            groups[i] = group;
            groupUses[i] = 0;
        }
        groupUses[i]++;
        return true;
    }

    /** Takes one {@link #join} back. */
    public void leave(long group) {
        int i = indexOf(group);
        if (i >= 0 && --groupUses[i] == 0) {
            groupCount--;
            groups[i] = groups[groupCount];
            groupUses[i] = groupUses[groupCount];
        }
    }

    /** True after {@link #join}. */
    public boolean isListeningTo(long group) {
        return indexOf(group) >= 0;
    }

    private int indexOf(long group) {
        for (int i = 0; i < groupCount; i++) {
            if (groups[i] == group) {
                return i;
            }
        }
        return -1;
    }

    public NetworkDevice device() {
        return device;
    }

    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    /** Our address on this link. */
    public long mac() {
        return mac;
    }

    /** The largest IP packet, bytes. */
    public int mtu() {
        return capabilities.mtu();
    }

    /** Frames can go in and out: it is enabled, and the device is up. */
    public boolean isUp() {
        return isEnabled() && device.isUp();
    }
}
