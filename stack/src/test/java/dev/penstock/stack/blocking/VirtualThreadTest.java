package dev.penstock.stack.blocking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The sockets on virtual threads, where the JDK has them (by reflection, for the code is compiled for 17); on an older
 * JDK the same on platform threads, whose interrupts mean something else.
 */
@Timeout(60)
class VirtualThreadTest {
    private static final int PORT = 7000;
    private static final Method START = startVirtualThread();

    private static final boolean VIRTUAL = START != null;

    private final StackPair pair = new StackPair();

    private static Method startVirtualThread() {
        try {
            return Thread.class.getMethod("startVirtualThread", Runnable.class);
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    @AfterEach
    void close() {
        pair.close();
    }

    private interface Io<T> {
        T run() throws Exception;
    }

    private static <T> CompletableFuture<T> virtual(Thread[] who, Io<T> code) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable body = () -> {
            try {
                result.complete(code.run());
            } catch (Exception | AssertionError e) {
                result.completeExceptionally(e);
            }
        };
        Thread t = VIRTUAL ? (Thread) START.invoke(null, body) : new Thread(body);
        if (!VIRTUAL) {
            t.start();
        }
        if (who != null) {
            who[0] = t;
        }
        return result;
    }

    @Test
    void manyEchoes() throws Exception {
        int n = VIRTUAL ? 1000 : 100;
        try (TcpListener listener = pair.server.listen(PORT)) {
            CompletableFuture<Void> accepting = virtual(null, () -> {
                List<CompletableFuture<Long>> echoes = new ArrayList<>();
                for (int i = 0; i < n; i++) {
                    TcpSocket s = listener.accept();
                    echoes.add(virtual(null, () -> {
                        try (s) {
                            return s.getInputStream().transferTo(s.getOutputStream());
                        }
                    }));
                }
                for (CompletableFuture<Long> echo : echoes) {
                    echo.get(30, TimeUnit.SECONDS);
                }
                return null;
            });
            List<CompletableFuture<String>> all = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                String text = "virtual " + i;
                all.add(virtual(null, () -> {
                    try (TcpSocket s = pair.client.connect(StackPair.SERVER, PORT)) {
                        assertEquals(VIRTUAL, WaitPoint.isVirtual(Thread.currentThread()));
                        s.write(text.getBytes(UTF_8));
                        s.shutdownOutput();
                        return new String(s.getInputStream().readAllBytes(), UTF_8);
                    }
                }));
            }
            for (int i = 0; i < n; i++) {
                assertEquals("virtual " + i, all.get(i).get(30, TimeUnit.SECONDS));
            }
            accepting.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void anInterruptDuringARead() throws Exception {
        try (TcpListener listener = pair.server.listen(PORT)) {
            TcpSocket s = pair.client.connect(StackPair.SERVER, PORT);
            TcpSocket accepted = listener.accept();
            Thread[] who = new Thread[1];
            CountDownLatch started = new CountDownLatch(1);
            CompletableFuture<String> read = virtual(who, () -> {
                started.countDown();
                try {
                    s.read(new byte[1]);
                    return "read " + Thread.currentThread().isInterrupted();
                } catch (SocketException e) {
                    return e.getMessage() + " " + Thread.currentThread().isInterrupted();
                }
            });
            started.await();
            who[0].interrupt();
            if (!VIRTUAL) {
                accepted.write(new byte[1]);
            }
            assertEquals(VIRTUAL ? "Closed by interrupt true" : "read true", read.get(10, TimeUnit.SECONDS));
            assertEquals(VIRTUAL, s.isClosed());
            s.close();
            assertEquals(-1, accepted.read(new byte[1]));
            accepted.close();
        }
    }

    @Test
    void anInterruptDuringAnAccept() throws Exception {
        TcpListener listener = pair.server.listen(PORT);
        Thread[] who = new Thread[1];
        CompletableFuture<String> accept = virtual(who, () -> {
            try {
                listener.accept();
                return "accepted";
            } catch (IOException e) {
                return e.getMessage();
            }
        });
        who[0].interrupt();
        if (!VIRTUAL) {
            pair.client.connect(StackPair.SERVER, PORT).close();
        }
        assertEquals(VIRTUAL ? "Closed by interrupt" : "accepted", accept.get(10, TimeUnit.SECONDS));
        assertEquals(VIRTUAL, listener.isClosed());
        listener.close();
    }
}
