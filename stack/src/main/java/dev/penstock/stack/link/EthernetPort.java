package dev.penstock.stack.link;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropListener;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;

/**
 * A device with a MAC address: Ethernet II frames in and out (RFC 894; IEEE 802.3, clause 3). The upcalls are set
 * once, when the stack is wired. Shard thread.
 */
public final class EthernetPort {
    /** The most multicast groups that a port listens to. */
    public static final int MAX_GROUPS = 160;

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
        this.input = new EthernetInput(this, counters);
        this.output = new EthernetOutput(this, counters);
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
     * Reads at most {@code limit} frames from the device and passes them up.
     *
     * @return how many there were
     */
    public int poll(int limit, long nowNs) {
        return input.poll(limit, nowNs);
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

    public boolean isUp() {
        return device.isUp();
    }
}
