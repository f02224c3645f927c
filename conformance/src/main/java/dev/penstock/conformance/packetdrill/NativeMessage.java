package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;
import java.lang.ref.Reference;
import java.util.function.LongUnaryOperator;

/** {@code struct msghdr} and what it points to. */
final class NativeMessage {
    private static final int LENGTH = 56;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTORS = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int IOVEC = 16;

    private final NativeBytes header = new NativeBytes(LENGTH);
    private final NativeBytes data;
    private final NativeBytes vectors;
    private final NativeBytes address;
    private final NativeBytes control;

    /** @param address where to, or room for where from; null for none. {@code control}: as well */
    NativeMessage(NativeBytes data, NativeBytes vectors, int count, NativeBytes address, NativeBytes control) {
        this.data = data;
        this.vectors = vectors;
        this.address = address;
        this.control = control;
        if (address != null) {
            // sockaddr_in6 is the longest that is ever sent; for sockaddr_in more than its 16 bytes does no harm.
            header.putLong(NAME, address.start()).putInt(NAME_LENGTH, address.length);
        }
        header.putLong(VECTORS, vectors.start()).putLong(VECTOR_COUNT, count);
        if (control != null) {
            header.putLong(CONTROL, control.start()).putLong(CONTROL_LENGTH, control.length);
        }
    }

    /** With one buffer of {@code length} bytes. */
    NativeMessage(long length, NativeBytes address, NativeBytes control) {
        this(new NativeBytes(length), new NativeBytes(IOVEC), 1, address, control);
        vectors.putLong(0, data.start()).putLong(8, length);
    }

    /** Makes a call with the address of the header. */
    long call(LongUnaryOperator made) {
        try {
            return made.applyAsLong(header.start());
        } finally {
            // The header holds only their addresses.
            Reference.reachabilityFence(data);
            Reference.reachabilityFence(vectors);
            Reference.reachabilityFence(address);
            Reference.reachabilityFence(control);
        }
    }

    /** Where the message came from; null if the socket does not tell. */
    Endpoint from() {
        return address == null || header.intAt(NAME_LENGTH) == 0 ? null : address.address(0);
    }

    int flags() {
        return header.intAt(FLAGS);
    }

    NativeBytes control() {
        return control;
    }

    int controlLength() {
        return (int) header.longAt(CONTROL_LENGTH);
    }
}
