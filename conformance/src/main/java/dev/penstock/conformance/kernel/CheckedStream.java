package dev.penstock.conformance.kernel;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** A connection of the kernel's to the stack's echo service that never rests, and looks at each byte that comes back. */
final class CheckedStream implements AutoCloseable {
    private static final int TURN_BYTES = 4096;

    private final Socket socket;
    private final Thread thread;
    private final AtomicLong turns = new AtomicLong();
    private volatile String failure;
    private volatile boolean closing;

    /** Connects; to be called on any thread. */
    CheckedStream(KernelLink link, String address) throws Exception {
        socket = link.onKernel(() -> {
            Socket made = new Socket();
            made.setSoTimeout(30_000);
            made.connect(new InetSocketAddress(address, KernelLink.ECHO), 10_000);
            return made;
        });
        thread = new Thread(this::turn, "checked stream");
        thread.start();
    }

    private void turn() {
        Random random = new Random(1);
        byte[] sent = new byte[TURN_BYTES];
        byte[] back = new byte[TURN_BYTES];
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (!closing) {
                random.nextBytes(sent);
                socket.getOutputStream().write(sent);
                in.readFully(back);
                if (!Arrays.equals(sent, back)) {
                    failure = "other bytes came back in turn " + turns.get();
                    return;
                }
                turns.incrementAndGet();
                Thread.sleep(2);
            }
            socket.shutdownOutput();
            if (in.read() >= 0) {
                failure = "a byte too many";
            }
        } catch (IOException | InterruptedException e) {
            failure = e.toString();
        }
    }

    /** Times that {@value #TURN_BYTES} bytes went and came back. */
    long turns() {
        return turns.get();
    }

    /** What went wrong, or null. */
    String failure() {
        return failure;
    }

    /** Whether another two turns end within that time: one that began before, and one whole. */
    boolean isAlive(int seconds) throws InterruptedException {
        long want = turns.get() + 2;
        for (int i = 0; i < seconds * 100 && failure == null && turns.get() < want; i++) {
            Thread.sleep(10);
        }
        return failure == null && turns.get() >= want;
    }

    /** Ends the connection in order. */
    @Override
    public void close() throws IOException {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket.close();
    }
}
