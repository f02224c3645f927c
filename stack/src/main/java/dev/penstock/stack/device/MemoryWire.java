package dev.penstock.stack.device;

import dev.penstock.stack.wire.MacAddress;

/**
 * A wire in memory: two devices, each of which receives what the other is offered, in order, through bounded queues.
 * Frames are copied once, into pooled memory.
 *
 * <p>Both ends may be polled by one thread, and then a run is deterministic; or each end belongs to a thread of its own,
 * which sleeps in {@link BlockingDevice#await} on the {@link Parker} it was given. No locks; steady state allocates
 * nothing.
 *
 * <p>Each end has the capabilities that it was built with. Where both ends can offload, super-segments and incomplete
 * checksums pass through as they are, and arrive with {@code rx().partial} and {@code rx().gsoSize}, as a kernel passes
 * them over virtio-net; towards an end that takes plain packets only, they are cut and completed.
 *
 * <p>A full queue refuses frames ({@code offer} answers 0, and the sender's next {@code await} ends when there is room
 * again), or, if built so, swallows them and counts {@link MemoryWireEnd#dropped}.
 */
public final class MemoryWire implements AutoCloseable {
    private final MemoryWireEnd rawA;
    private final MemoryWireEnd rawB;
    private final BlockingDevice a;
    private final BlockingDevice b;

    private MemoryWire(Builder builder) {
        rawA = new MemoryWireEnd(builder, 0);
        rawB = new MemoryWireEnd(builder, 1);
        rawA.connect(rawB);
        rawB.connect(rawA);
        a = (BlockingDevice) SoftwareOffload.over(rawA, builder.capabilities[0]);
        b = (BlockingDevice) SoftwareOffload.over(rawB, builder.capabilities[1]);
    }

    /** A wire for plain packets of up to {@code mtu} bytes, everything else as the {@link Builder} has it. */
    public static MemoryWire plain(int mtu) {
        return builder().capabilities(DeviceCapabilities.plain(mtu)).build();
    }

    /** A wire between two ends that offload everything, everything else as the {@link Builder} has it. */
    public static MemoryWire offloading(int mtu) {
        return builder().capabilities(DeviceCapabilities.offloading(mtu)).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The one end. */
    public BlockingDevice a() {
        return a;
    }

    /** The other end. */
    public BlockingDevice b() {
        return b;
    }

    /** The counters of {@link #a()}. */
    public MemoryWireEnd countersOfA() {
        return rawA;
    }

    /** The counters of {@link #b()}. */
    public MemoryWireEnd countersOfB() {
        return rawB;
    }

    /** Closes both ends; once the threads that used them have ended, or from the one thread. */
    @Override
    public void close() {
        rawA.close();
        rawB.close();
    }

    /**
     * Throws {@link IllegalStateException} unless every frame is back in its pool or waits in a queue. Call it when no
     * thread uses the ends.
     */
    public void assertAllReturned() {
        rawA.assertAllReturned();
        rawB.assertAllReturned();
    }

    /** What a wire is made of. */
    public static final class Builder {
        final DeviceCapabilities[] capabilities = {DeviceCapabilities.plain(1500), DeviceCapabilities.plain(1500)};
        final long[] macs = {MacAddress.parse("02:00:00:00:00:0a"), MacAddress.parse("02:00:00:00:00:0b")};
        final Parker[] parkers = {Parker.SPINNING, Parker.SPINNING};
        int queueFrames = 256;
        int queueBytes = 4 << 20;
        boolean dropWhenFull;

        private Builder() {}

        /** Of both ends; without it: plain packets of 1,500 bytes. */
        public Builder capabilities(DeviceCapabilities both) {
            return capabilities(both, both);
        }

        public Builder capabilities(DeviceCapabilities ofA, DeviceCapabilities ofB) {
            capabilities[0] = ofA;
            capabilities[1] = ofB;
            return this;
        }

        /** Without it: 02:00:00:00:00:0a and 02:00:00:00:00:0b. */
        public Builder macAddresses(long ofA, long ofB) {
            macs[0] = ofA;
            macs[1] = ofB;
            return this;
        }

        /** How the two ends' threads sleep; without it they spin. */
        public Builder parkers(Parker ofA, Parker ofB) {
            parkers[0] = ofA;
            parkers[1] = ofB;
            return this;
        }

        /**
         * The limits of each direction's queue; without it 256 frames and 4 MiB. The wire never holds more memory than
         * {@code frames} times the largest frame, per direction, and makes it as it is first needed.
         *
         * @param frames 1 .. 65,536, a super-segment counting as one
         * @param bytes 1 .. 2^30; one frame fits an empty queue whatever its size
         */
        public Builder queue(int frames, int bytes) {
            if (frames < 1 || frames > 1 << 16 || bytes < 1 || bytes > 1 << 30) {
                throw new IllegalArgumentException("a queue of " + frames + " frames and " + bytes + " bytes");
            }
            queueFrames = frames;
            queueBytes = bytes;
            return this;
        }

        /** A full queue swallows and counts frames, as a switch does, in the place of refusing them. */
        public Builder dropWhenFull() {
            dropWhenFull = true;
            return this;
        }

        public MemoryWire build() {
            return new MemoryWire(this);
        }
    }
}
