package dev.penstock.tap;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** Off-heap buffers for arguments of native calls. Their owner keeps a reference for as long as a call may use them. */
final class NativeMemory {
    private NativeMemory() {}

    /** {@code length} bytes of zeros. */
    static UnsafeBuffer allocate(int length) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(length));
    }

    /** The text with a NUL behind it. */
    static UnsafeBuffer cString(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        UnsafeBuffer buffer = allocate(bytes.length + 1);
        buffer.putBytes(0, bytes);
        return buffer;
    }
}
