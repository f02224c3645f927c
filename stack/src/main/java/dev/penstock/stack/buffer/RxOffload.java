package dev.penstock.stack.buffer;

/** What the device says of a frame that came in. Part of a {@link Frame}; shard thread. */
public final class RxOffload {
    /** The device vouches for the transport checksum: it was verified, or the frame never was on a wire. */
    public boolean verified;
    /**
     * The transport checksum field holds only the pseudo-header sum: a local sender left the rest to a device. The
     * contents can be trusted as a verified frame's can; the field itself means nothing.
     */
    public boolean partial;
    /** Payload bytes of each of the segments that were joined into this frame; 0 for a frame as it was on the wire. */
    public int gsoSize;

    RxOffload() {}

    /** Nothing known: a frame as it came from the wire. */
    public void clear() {
        verified = false;
        partial = false;
        gsoSize = 0;
    }

    /** True when the transport layer need not check the checksum. */
    public boolean checksumTrusted() {
        return verified || partial;
    }
}
