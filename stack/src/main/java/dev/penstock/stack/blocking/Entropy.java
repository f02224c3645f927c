package dev.penstock.stack.blocking;

import dev.penstock.stack.base.RandomSource;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** The randomness of a stack on a real network: the operating system's, fetched in pieces. */
final class Entropy implements RandomSource {
    private final SecureRandom source = new SecureRandom();
    private final byte[] bytes = new byte[1024];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes).position(bytes.length);

    @Override
    public long nextLong() {
        if (!buffer.hasRemaining()) {
            source.nextBytes(bytes);
            buffer.clear();
        }
        return buffer.getLong();
    }
}
