package dev.penstock.apps.http;

import dev.penstock.apps.net.Transport;
import dev.penstock.apps.net.TransportListener;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * An HTTP/1.1 server (RFC 9110, RFC 9112) over any {@link TransportListener}: an accepting thread, a watchdog thread,
 * and one thread for each connection, virtual where the JDK has them. Bounded in everything by {@link HttpLimits}.
 */
public final class HttpServer implements AutoCloseable {
    private static final long WATCH_MILLIS = 500;
    /** Connections that end leave so many buffers, 100 KiB each, to those that come. */
    private static final int SPARE_BUFFERS = 64;

    private final TransportListener listener;
    private final HttpHandler handler;
    private final HttpLimits limits;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Consumer<String> accessLog;
    private final Executor workers;
    private final BlockingQueue<ConnectionBuffers> spareBuffers = new ArrayBlockingQueue<>(SPARE_BUFFERS);
    private final Semaphore room;
    private final Refusals refusals = new Refusals();
    private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final LongAdder faults = new LongAdder();
    private final LongAdder stuck = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final CountDownLatch acceptorEnded = new CountDownLatch(1);
    private final CountDownLatch watchdogEnd = new CountDownLatch(1);
    private Thread refuser;
    private volatile boolean closing;
    private volatile Throwable lastFault;
    private volatile DateText dateText = new DateText(Long.MIN_VALUE, "");

    private record DateText(long second, String text) {}

    /**
     * Makes a server; {@link #start} has it serve.
     *
     * @param nanoTime as {@link System#nanoTime}, for timeouts
     * @param clock for the Date field
     * @param accessLog takes a line for each response, from many threads; null for none
     */
    public HttpServer(
            TransportListener listener,
            HttpHandler handler,
            HttpLimits limits,
            LongSupplier nanoTime,
            InstantSource clock,
            Consumer<String> accessLog) {
        this.listener = listener;
        this.handler = handler;
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.accessLog = accessLog;
        this.workers = WorkerThreads.executor("http-", limits.connections());
        this.room = new Semaphore(limits.connections());
    }

    /** A server with the usual limits, the system's clocks and no log. */
    public HttpServer(TransportListener listener, HttpHandler handler) {
        this(listener, handler, HttpLimits.DEFAULT, System::nanoTime, InstantSource.system(), null);
    }

    /** Begins to accept. Once. */
    public HttpServer start() {
        daemon("http-accept", this::acceptLoop);
        daemon("http-watchdog", this::watchLoop);
        refuser = daemon("http-refusals", refusals);
        return this;
    }

    private static Thread daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void acceptLoop() {
        try {
            while (!closing) {
                admit(listener.accept());
            }
        } catch (IOException e) {
            if (!closing) {
                onFault(e);
            }
        } finally {
            acceptorEnded.countDown();
        }
    }

    private void admit(Transport transport) {
        accepted.increment();
        if (!room.tryAcquire()) {
            refused.increment();
            refusals.add(transport);
            return;
        }
        HttpConnection connection = new HttpConnection(this, transport);
        connections.add(connection);
        try {
            workers.execute(connection);
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // No thread to be had is another kind of "too many connections".
            refused.increment();
            onEnd(connection);
            refusals.add(transport);
        }
    }

    /**
     * Serves one connection on the caller's thread until it ends; without {@link #start}, for a server inside something else.
     * Nobody looks after clients that take nothing then.
     *
     * @throws IllegalStateException when there are too many connections
     */
    public void serve(Transport transport) {
        if (!room.tryAcquire()) {
            throw new IllegalStateException("there are " + limits.connections() + " connections already");
        }
        accepted.increment();
        HttpConnection connection = new HttpConnection(this, transport);
        connections.add(connection);
        connection.run();
    }

    private void watchLoop() {
        try {
            while (!watchdogEnd.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
                watch();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Resets the connections whose client takes nothing. */
    void watch() {
        long now = nanoTime.getAsLong();
        for (HttpConnection connection : connections) {
            connection.checkStuck(now);
        }
    }

    /** Ends it without waiting for responses under way. */
    @Override
    public void close() {
        close(0);
    }

    /**
     * Accepts no more, closes idle connections, gives responses under way {@code graceMillis} to finish, and resets
     * what is left.
     *
     * @return true when nothing had to be reset
     */
    public boolean close(long graceMillis) {
        closing = true;
        try {
            listener.close();
        } catch (IOException e) {
            onFault(e);
        }
        boolean inOrder = false;
        try {
            acceptorEnded.await(1, TimeUnit.SECONDS);
            connections.forEach(HttpConnection::closeIfIdle);
            inOrder = room.tryAcquire(limits.connections(), graceMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        connections.forEach(HttpConnection::abort);
        watchdogEnd.countDown();
        refuser.interrupt();
        return inOrder;
    }

    ConnectionBuffers buffers() {
        ConnectionBuffers spare = spareBuffers.poll();
        return spare != null ? spare : new ConnectionBuffers(limits);
    }

    void recycle(ConnectionBuffers buffers) {
        // When enough are kept already, this one is the garbage collector's.
        boolean unused = spareBuffers.offer(buffers);
    }

    HttpLimits limits() {
        return limits;
    }

    LongSupplier nanoTime() {
        return nanoTime;
    }

    HttpHandler handler() {
        return handler;
    }

    boolean isClosing() {
        return closing;
    }

    /** The Date field's value, made once a second. */
    String date() {
        Instant now = clock.instant();
        DateText cached = dateText;
        if (cached.second != now.getEpochSecond()) {
            cached = new DateText(now.getEpochSecond(), HttpDates.format(now));
            dateText = cached;
        }
        return cached.text;
    }

    void onEnd(HttpConnection connection) {
        if (connections.remove(connection)) {
            room.release();
        }
    }

    void onFault(Throwable fault) {
        faults.increment();
        lastFault = fault;
    }

    void onStuck() {
        stuck.increment();
    }

    void log(String peer, HttpRequest request, HttpResponse response) {
        requests.increment();
        bytes.add(response.contentSent());
        if (accessLog != null) {
            accessLog.accept(AccessLog.line(clock.instant(), peer, request, response));
        }
    }

    /** Connections open now. */
    public int openConnections() {
        return connections.size();
    }

    /** Requests answered, malformed ones included. */
    public long requests() {
        return requests.sum();
    }

    /** Bytes of content sent. */
    public long contentBytes() {
        return bytes.sum();
    }

    /** Connections accepted, those refused with 503 included. */
    public long accepted() {
        return accepted.sum();
    }

    /** Connections refused with 503. */
    public long refused() {
        return refused.sum();
    }

    /** Failures of handlers, files and listener; {@link #lastFault} is the latest. */
    public long faults() {
        return faults.sum();
    }

    /** Connections reset because their client took nothing for too long. */
    public long stuck() {
        return stuck.sum();
    }

    /** The latest failure, or null. */
    public Throwable lastFault() {
        return lastFault;
    }
}
