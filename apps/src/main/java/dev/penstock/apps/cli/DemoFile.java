package dev.penstock.apps.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** A directory of its own with a file of random bytes to serve, and room for what is fetched; removed in the end. */
final class DemoFile implements AutoCloseable {
    static final String NAME = "demo.bin";
    private static final int PIECE = 1 << 20;
    private static final long SPARE = 64 << 20;

    private final Path directory;
    private final long size;
    private final String sha256;

    private DemoFile(Path directory, long size, String sha256) {
        this.directory = directory;
        this.size = size;
        this.sha256 = sha256;
    }

    /** Makes the file. */
    static DemoFile create(long size) throws IOException, CliException {
        Path directory = Files.createTempDirectory("penstock-demo");
        boolean done = false;
        try {
            long room = Files.getFileStore(directory).getUsableSpace();
            if (room < 2 * size + SPARE) {
                throw CliException.failed("there is not room for two files of " + Units.bytes(size) + " in "
                        + directory.getParent() + ": give a smaller --size");
            }
            Files.createDirectory(directory.resolve("root"));
            MessageDigest digest = digest();
            Random random = new Random(size);
            byte[] piece = new byte[(int) Math.min(PIECE, size)];
            random.nextBytes(piece);
            try (OutputStream out =
                    Files.newOutputStream(directory.resolve("root").resolve(NAME))) {
                for (long left = size; left > 0; left -= piece.length) {
                    int n = (int) Math.min(piece.length, left);
                    // The same random bytes with another number in front: each piece differs, and it is quick.
                    for (int i = 0; i < 8 && i < n; i++) {
                        piece[i] = (byte) (left >>> (8 * i));
                    }
                    digest.update(piece, 0, n);
                    out.write(piece, 0, n);
                }
            }
            done = true;
            return new DemoFile(directory, size, HexFormat.of().formatHex(digest.digest()));
        } finally {
            if (!done) {
                remove(directory);
            }
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** What the server serves. */
    Path root() {
        return directory.resolve("root");
    }

    /** Where the fetched file goes. */
    Path fetched() {
        return directory.resolve("fetched");
    }

    long size() {
        return size;
    }

    String sha256() {
        return sha256;
    }

    /** The SHA-256 of what was fetched. */
    String fetchedSha256() throws IOException {
        MessageDigest digest = digest();
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(fetched())) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                digest.update(piece, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Bytes fetched so far. */
    long fetchedSize() {
        try {
            return Files.size(fetched());
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() throws IOException {
        remove(directory);
    }

    private static void remove(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve("root").resolve(NAME));
        Files.deleteIfExists(directory.resolve("root"));
        Files.deleteIfExists(directory.resolve("fetched"));
        Files.deleteIfExists(directory);
    }
}
