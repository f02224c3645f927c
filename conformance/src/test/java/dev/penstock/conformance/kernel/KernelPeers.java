package dev.penstock.conformance.kernel;

import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** What the tests against the kernel share. */
final class KernelPeers {
    private KernelPeers() {}

    /** Skips the calling test, in CI fails it, where a command is not installed. */
    static void requireCommands(String... commands) {
        for (String command : commands) {
            if (NetNamespace.findCommand(command) == null) {
                TapRequirement.refuse("needs the command " + command);
            }
        }
    }

    /** Writes {@code size} bytes that a seed decides, and returns their SHA-256. */
    static String randomFile(Path file, int size, long seed) throws IOException {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        Files.write(file, bytes);
        return sha256(bytes);
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    static String sha256(Path file) throws IOException {
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest());
                OutputStream nowhere = OutputStream.nullOutputStream()) {
            in.transferTo(nowhere);
            return HexFormat.of()
                    .formatHex(((DigestInputStream) in).getMessageDigest().digest());
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** A socket of the kernel's, connected to the stack. On a kernel thread. */
    static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(30_000);
        socket.connect(new InetSocketAddress(KernelLink.STACK, port), 10_000);
        return socket;
    }

    /** Sends {@code data} while it reads, half-closes, and returns all that came back. */
    static byte[] exchange(InputStream in, OutputStream out, byte[] data, Closing half) throws Exception {
        Throwable[] failure = new Throwable[1];
        Thread writer = new Thread(() -> {
            try {
                out.write(data);
                out.flush();
                half.close();
            } catch (IOException e) {
                failure[0] = e;
            }
        });
        writer.start();
        byte[] back = in.readAllBytes();
        writer.join();
        if (failure[0] != null) {
            throw new IOException(failure[0]);
        }
        return back;
    }

    /** Closes one half of a connection. */
    interface Closing {
        void close() throws IOException;
    }

    static byte[] pattern(int size) {
        byte[] data = new byte[size];
        for (int i = 0; i < size; i++) {
            data[i] = (byte) (i * 31 + (i >>> 8));
        }
        return data;
    }

    /** The index of the first byte in which they differ, -1 when equal: assertArrayEquals of megabytes is slow. */
    static int difference(byte[] expected, byte[] actual) {
        return Arrays.mismatch(expected, actual);
    }
}
