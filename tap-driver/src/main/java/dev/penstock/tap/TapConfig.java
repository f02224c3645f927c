package dev.penstock.tap;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** How to open a {@link TapDevice}. Immutable; made by {@link #builder()}, which checks every value. */
public final class TapConfig {
    /** The smallest MTU: every IPv4 host takes 68 bytes (RFC 791). */
    public static final int MIN_MTU = 68;
    /** The largest MTU of a TAP device: 65,535 less the Ethernet header. */
    public static final int MAX_MTU = 65_521;
    /** The longest interface name in bytes; the kernel keeps 16 with the NUL. */
    public static final int MAX_NAME = 15;

    private static final int MIN_MTU_IPV6 = 1280;

    final String name;
    final int mtu;
    final long macAddress;
    final boolean vnetHeader;
    final boolean segmentation;
    final boolean receiveUdpSegmentation;
    final boolean multiQueue;
    final boolean up;
    final int burst;
    final int txQueueLength;
    final NativeBinding binding;
    final List<String> hostAddresses;

    private TapConfig(Builder b) {
        name = b.name;
        mtu = b.mtu;
        macAddress = b.macAddress;
        vnetHeader = b.vnetHeader;
        segmentation = b.segmentation;
        receiveUdpSegmentation = b.receiveUdpSegmentation;
        multiQueue = b.multiQueue;
        up = b.up;
        burst = b.burst;
        txQueueLength = b.txQueueLength;
        binding = b.binding;
        hostAddresses = List.copyOf(b.hostAddresses);
    }

    /** The defaults: kernel chooses the name, MTU 1500, offloads on, one queue, JNR, up, no host address. */
    public static Builder builder() {
        return new Builder();
    }

    /** Another queue of the device that is named {@code name} now, which is set up already. */
    TapConfig furtherQueue(String name) {
        Builder b = new Builder();
        b.name = name;
        b.mtu = mtu;
        b.macAddress = macAddress;
        b.vnetHeader = vnetHeader;
        b.segmentation = segmentation;
        b.receiveUdpSegmentation = receiveUdpSegmentation;
        b.multiQueue = true;
        b.up = up;
        b.burst = burst;
        b.txQueueLength = txQueueLength;
        b.binding = binding;
        return new TapConfig(b);
    }

    /** Collects the values; {@link #build} checks them. */
    public static final class Builder {
        private String name = "";
        private int mtu = 1500;
        private long macAddress;
        private boolean vnetHeader = true;
        private boolean segmentation = true;
        private boolean receiveUdpSegmentation = true;
        private boolean multiQueue;
        private boolean up = true;
        private int burst = 64;
        private int txQueueLength;
        private NativeBinding binding = NativeBinding.JNR;
        private final List<String> hostAddresses = new ArrayList<>();

        private Builder() {}

        /** The interface's name: created, or attached to when it exists. Empty lets the kernel choose (tap0, ...). */
        public Builder name(String value) {
            name = Objects.requireNonNull(value);
            return this;
        }

        /** Bytes of the largest IP packet, {@value #MIN_MTU} .. {@value #MAX_MTU}; from 1280 with an IPv6 host address. */
        public Builder mtu(int value) {
            mtu = value;
            return this;
        }

        /**
         * The MAC address of the stack's side, required, in the low 48 bits, first byte highest; unicast. A random one
         * has 02 as its first byte: {@code 0x02_00_00_00_00_00L | random & 0xff_ff_ff_ff_ffL}.
         */
        public Builder macAddress(long value) {
            macAddress = value;
            return this;
        }

        /** Uses virtio-net headers, and with them all offloads; on by default, off again where the kernel refuses. */
        public Builder vnetHeader(boolean value) {
            vnetHeader = value;
            return this;
        }

        /** TCP segmentation offload in both directions; on by default. */
        public Builder segmentation(boolean value) {
            segmentation = value;
            return this;
        }

        /**
         * Lets the kernel hand over joined UDP datagrams ({@code rx().gsoSize} of a UDP frame not 0), which Penstock cuts
         * apart, or passes on as they are to who wants them so. On by default; to be turned off for whoever takes a frame
         * for a datagram.
         */
        public Builder receiveUdpSegmentation(boolean value) {
            receiveUdpSegmentation = value;
            return this;
        }

        /** Makes a device with more than one queue; {@link TapDevice#openQueues} opens them all. */
        public Builder multiQueue(boolean value) {
            multiQueue = value;
            return this;
        }

        /** Sets the kernel's side up; on by default. */
        public Builder up(boolean value) {
            up = value;
            return this;
        }

        /** The most frames that one {@code poll} hands over, whatever its limit; 1 .. 4096, 64 by default. */
        public Builder burst(int value) {
            burst = value;
            return this;
        }

        /** Frames that the kernel queues for the stack before it drops, 1 .. 100,000; 0, the default, leaves 1000. */
        public Builder txQueueLength(int value) {
            txQueueLength = value;
            return this;
        }

        /** The native binding; JNR by default. */
        public Builder binding(NativeBinding value) {
            binding = Objects.requireNonNull(value);
            return this;
        }

        /** Adds an address to the kernel's side, {@code 10.0.0.1/24} or {@code fd00::1/64}. */
        public Builder hostAddress(String cidr) {
            hostAddresses.add(Objects.requireNonNull(cidr));
            return this;
        }

        /**
         * Checks all values.
         *
         * @throws TapException that says which one is wrong and what would be right
         */
        public TapConfig build() throws TapException {
            checkName(name);
            if (mtu < MIN_MTU || mtu > MAX_MTU) {
                throw new TapException("bad MTU " + mtu + ": it must be in " + MIN_MTU + " .. " + MAX_MTU);
            }
            if (macAddress <= 0 || macAddress >>> 48 != 0 || ((macAddress >>> 40) & 1) != 0) {
                throw new TapException("bad MAC address 0x" + Long.toHexString(macAddress)
                        + ": it must be 48 bits, unicast and not zero, for example 02:00:00:00:00:01");
            }
            if (burst < 1 || burst > 4096) {
                throw new TapException("bad burst " + burst + ": it must be in 1 .. 4096");
            }
            if (txQueueLength < 0 || txQueueLength > 100_000) {
                throw new TapException("bad transmit queue length " + txQueueLength + ": it must be in 1 .. 100000");
            }
            for (String cidr : hostAddresses) {
                if (HostAddress.parse(cidr).isV6() && mtu < MIN_MTU_IPV6) {
                    throw new TapException("host address " + cidr + " cannot be had with MTU " + mtu
                            + ": IPv6 needs at least " + MIN_MTU_IPV6);
                }
            }
            return new TapConfig(this);
        }

        private static void checkName(String name) throws TapException {
            if (name.equals(".") || name.equals("..")) {
                throw new TapException("bad interface name '" + name + "': the kernel reserves it");
            }
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                if (c <= ' ' || c > '~' || c == '/' || c == ':' || c == '%') {
                    throw new TapException("bad interface name '" + name.replaceAll("\\p{Cntrl}", "?")
                            + "': use printable ASCII characters without space, '/', ':' and '%'");
                }
            }
            if (name.length() > MAX_NAME) {
                throw new TapException("interface name '" + name + "' is too long: " + name.length()
                        + " bytes, the kernel takes at most " + MAX_NAME);
            }
        }
    }
}
