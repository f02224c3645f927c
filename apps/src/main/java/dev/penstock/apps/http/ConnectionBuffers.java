package dev.penstock.apps.http;

import java.nio.ByteBuffer;

/**
 * The memory of one connection, handed on to the next when it ends: making 64 KiB of direct memory for each would cost
 * more than answering a short request.
 */
final class ConnectionBuffers {
    private static final int INPUT = 16 << 10;

    /** What was received and not yet looked at. */
    final byte[] input = new byte[INPUT];
    /** The line that is being read. */
    final byte[] line;
    /** What was not yet sent. */
    final ByteBuffer output = ByteBuffer.allocateDirect(HttpOutput.SIZE);

    ConnectionBuffers(HttpLimits limits) {
        line = new byte[Math.max(limits.requestLine(), limits.headerBytes()) + 1];
    }
}
