package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.TcpSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Moves bytes between the console and one connection, both ways at once. */
final class NcStreams {
    private static final int BUFFER = 64 << 10;

    final Console console;
    final int timeoutMillis;
    final boolean noInput;
    final Consumer<String> log;
    private final boolean shutdownAtEnd;

    NcStreams(Console console, int timeoutMillis, boolean shutdownAtEnd, boolean noInput, Consumer<String> log) {
        this.console = console;
        this.timeoutMillis = timeoutMillis;
        this.shutdownAtEnd = shutdownAtEnd;
        this.noInput = noInput;
        this.log = log;
    }

    /**
     * Until the peer has closed its direction and, for who connected, the input has ended, or time is over.
     *
     * @param listening whoever listens is done when the peer is
     */
    int exchange(TcpSocket socket, boolean listening) throws IOException {
        AtomicReference<IOException> failure = new AtomicReference<>();
        AtomicLong lastNs = new AtomicLong(System.nanoTime());
        Thread sender = noInput ? null : new Thread(() -> send(socket, failure, lastNs), "nc-input");
        if (sender != null) {
            sender.setDaemon(true);
            sender.start();
        }
        try {
            receive(socket, lastNs);
        } catch (SocketTimeoutException e) {
            log.accept("idle for " + timeoutMillis + " ms: closed");
            return Main.OK;
        } finally {
            console.out().flush();
        }
        if (sender != null && !listening) {
            awaitSender(sender, lastNs);
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        return Main.OK;
    }

    /** The peer sends no more but may still read; the input's end, a failed write or idleness ends it. */
    private void awaitSender(Thread sender, AtomicLong lastNs) throws IOException {
        try {
            while (sender.isAlive()) {
                long idleMillis = (System.nanoTime() - lastNs.get()) / 1_000_000;
                if (timeoutMillis != 0 && idleMillis >= timeoutMillis) {
                    return;
                }
                sender.join(timeoutMillis == 0 ? 0 : timeoutMillis - idleMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void send(TcpSocket socket, AtomicReference<IOException> failure, AtomicLong lastNs) {
        byte[] buffer = new byte[BUFFER];
        InputStream in = console.in();
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                socket.write(buffer, 0, n);
                lastNs.set(System.nanoTime());
            }
            if (shutdownAtEnd) {
                socket.shutdownOutput();
            }
        } catch (IOException e) {
            if (!socket.isClosed()) {
                failure.set(e);
            }
        }
    }

    private void receive(TcpSocket socket, AtomicLong lastNs) throws IOException {
        byte[] buffer = new byte[BUFFER];
        PrintStream out = console.out();
        socket.setSoTimeout(timeoutMillis);
        while (true) {
            int n;
            try {
                n = socket.read(buffer, 0, buffer.length);
            } catch (SocketTimeoutException e) {
                // Both directions count: sending is not idling.
                long idleMillis = (System.nanoTime() - lastNs.get()) / 1_000_000;
                if (idleMillis >= timeoutMillis) {
                    throw e;
                }
                continue;
            }
            if (n < 0) {
                return;
            }
            lastNs.set(System.nanoTime());
            out.write(buffer, 0, n);
            if (out.checkError()) {
                throw new IOException("standard output was closed");
            }
        }
    }
}
