package dev.penstock.conformance.oracle;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Plays one {@link Scenario} in a {@link Lab}, and writes down what each call came to and which states followed. */
final class Player implements Callable<List<String>> {
    private static final int CONNECT_MS = 6_000;
    private static final int ANOTHER_MS = 700;
    private static final int ACCEPT_MS = 500;
    private static final int READ_MS = 300;
    /** An amount to read that means: as long as it takes. */
    private static final int FOR_LONG = 10_000_000;

    private static final int LONG_MS = 15_000;
    private static final int MUCH_SECONDS = 20;
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    private final Lab lab;
    private final Scenario scenario;
    private final int port;
    private final int patience;
    private final CountDownLatch cuts;
    private final Map<Side, End> ends = new EnumMap<>(Side.class);
    private final List<String> transcript = new ArrayList<>();

    /** What one side has. */
    private static final class End {
        Sockets.Listener listener;
        Sockets.Stream stream;
        final List<Sockets.Stream> others = new ArrayList<>();
        long written;
        long read;
        boolean outputShut;
        boolean inputShut;
        Thread writer;
        String wrote = "";
    }

    /**
     * @param port of its own in that lab
     * @param patience how long states must stay as they are to count, in units of 20 ms
     * @param cuts how many scenarios of this lab have still to agree to the cut
     */
    Player(Lab lab, Scenario scenario, int port, int patience, CountDownLatch cuts) {
        this.lab = lab;
        this.scenario = scenario;
        this.port = port;
        this.patience = patience;
        this.cuts = cuts;
        ends.put(Side.SUBJECT, new End());
        ends.put(Side.PEER, new End());
    }

    @Override
    public List<String> call() throws Exception {
        try {
            for (Action action : scenario.actions()) {
                String outcome = act(action);
                transcript.add(action + ": " + outcome + "; " + states());
            }
        } finally {
            end();
        }
        return transcript;
    }

    /** The states, once they stay the same. */
    private String states() throws Exception {
        String last = "";
        int same = 0;
        for (int i = 0; i < 20 * patience && same < patience; i++) {
            TimeUnit.MILLISECONDS.sleep(20);
            Sockets.Stream stream = ends.get(Side.SUBJECT).stream;
            String now = "subject " + (stream == null ? "none" : stream.state()) + ", peer " + lab.peer.states(port);
            same = now.equals(last) ? same + 1 : 0;
            last = now;
        }
        return last;
    }

    private Sockets sockets(Side side) {
        return side == Side.SUBJECT ? lab.subject : lab.peer;
    }

    private String act(Action action) throws Exception {
        End end = ends.get(action.side());
        try {
            return act(action, end);
        } catch (SocketTimeoutException e) {
            return "timeout";
        } catch (IOException e) {
            return name(e);
        }
    }

    /** The error as {@code errno.h} has it, where Java's words for one and the same differ. */
    static String name(IOException e) {
        String message = String.valueOf(e.getMessage());
        String text = message.endsWith("Connection reset by peer") ? "Connection reset" : message;
        if (e instanceof ClosedChannelException) {
            return "EBADF";
        }
        return switch (text) {
            case "Socket closed", "Socket is closed" -> "EBADF";
            case "Connection reset" -> "ECONNRESET";
            case "Connection refused" -> "ECONNREFUSED";
            case "Broken pipe" -> "EPIPE";
            case "Connection timed out" -> "ETIMEDOUT";
            case "No route to host" -> "EHOSTUNREACH";
            case "Address already in use" -> "EADDRINUSE";
            default -> e.getClass().getSimpleName() + ": " + text;
        };
    }

    private String act(Action action, End end) throws Exception {
        Side side = action.side();
        switch (action.verb()) {
            case LISTEN -> end.listener = sockets(side).listen(port, action.amount());
            case CONNECT -> end.stream = connect(side, CONNECT_MS);
            case CONNECT_ANOTHER -> end.others.add(connect(side, ANOTHER_MS));
            case ACCEPT -> {
                if (end.listener == null) {
                    return "does not listen";
                }
                Sockets.Stream accepted = end.listener.accept(ACCEPT_MS);
                if (end.stream != null) {
                    end.others.add(accepted);
                } else {
                    end.stream = accepted;
                }
            }
            case STOP_LISTENING -> {
                if (end.listener != null) {
                    end.listener.close();
                    end.listener = null;
                }
            }
            case CUT -> {
                cuts.countDown();
                if (!cuts.await(60, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the others do not come to the cut");
                }
                lab.cut();
            }
            case WAIT -> TimeUnit.MILLISECONDS.sleep(action.amount());
            default -> {
                return end.stream == null ? "no connection" : onStream(action, end);
            }
        }
        return "ok";
    }

    private Sockets.Stream connect(Side side, int timeoutMs) throws Exception {
        return sockets(side)
                .connect(side == Side.SUBJECT ? lab.conditions.peer() : lab.conditions.subject(), port, timeoutMs);
    }

    private String onStream(Action action, End end) throws IOException, InterruptedException {
        Sockets.Stream stream = end.stream;
        int amount = action.amount();
        switch (action.verb()) {
            case WRITE -> {
                if (end.outputShut) {
                    // Java refuses it before the kernel can, in other words.
                    return "EPIPE";
                }
                write(end, action.side(), amount);
            }
            case WRITE_MUCH -> startWriting(end, action.side(), amount);
            case READ -> {
                return read(end, action.side(), amount, amount == FOR_LONG ? LONG_MS : READ_MS);
            }
            case READ_ALL -> {
                return read(end, action.side(), Integer.MAX_VALUE, READ_MS * 5);
            }
            case URGENT -> {
                if (end.outputShut) {
                    return "EPIPE";
                }
                stream.urgent(byteAt(action.side(), end.written));
                end.written++;
            }
            case NO_DELAY -> stream.noDelay(amount != 0);
            case KEEP_ALIVE -> {
                if (amount == 2) {
                    stream.keepAliveTimes(1, 1, 2);
                }
                stream.keepAlive(amount != 0);
            }
            case USER_TIMEOUT -> stream.userTimeout(amount);
            case RECEIVE_BUFFER -> stream.receiveBuffer(amount);
            case SEND_BUFFER -> stream.sendBuffer(amount);
            case LINGER -> stream.linger(amount);
            case SHUTDOWN_OUTPUT -> {
                if (!end.outputShut) {
                    stream.shutdownOutput();
                    end.outputShut = true;
                }
            }
            case SHUTDOWN_INPUT -> {
                if (!end.inputShut) {
                    stream.shutdownInput();
                    end.inputShut = true;
                }
            }
            case CLOSE -> stream.close();
            case ABORT -> {
                stream.linger(0);
                stream.close();
            }
            default -> throw new IllegalStateException(action.toString());
        }
        return "ok";
    }

    private static byte byteAt(Side from, long position) {
        return (byte) ((position + (from == Side.PEER ? 1L << 40 : 0)) * MULTIPLIER >>> 56);
    }

    private static byte[] bytes(Side from, long position, int n) {
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) {
            bytes[i] = byteAt(from, position + i);
        }
        return bytes;
    }

    private static void write(End end, Side side, int n) throws IOException {
        byte[] bytes = bytes(side, end.written, n);
        end.stream.write(bytes);
        end.written += n;
    }

    /** More than fits: on a thread, as it blocks. What became of it is told when the scenario ends. */
    private static void startWriting(End end, Side side, int n) {
        end.writer = new Thread(
                () -> {
                    try {
                        write(end, side, n);
                        end.wrote = "wrote all";
                        end.stream.shutdownOutput();
                    } catch (IOException e) {
                        end.wrote = "writing: " + name(e);
                    }
                },
                "oracle-writer");
        end.writer.setDaemon(true);
        end.writer.start();
    }

    /** Reads until there are so many, or something else happens; what came is compared byte by byte. */
    private String read(End end, Side side, int most, int timeoutMs) {
        byte[] into = new byte[1 << 16];
        long before = end.read;
        if (end.inputShut) {
            // Java answers by itself; what Linux had received before, it would still give.
            return "input shut down";
        }
        String stopped = "";
        try {
            while (end.read - before < most && stopped.isEmpty()) {
                int wanted = (int) Math.min(into.length, most - (end.read - before));
                int n = end.stream.read(into, 0, wanted, timeoutMs);
                if (n < 0) {
                    stopped = ", end";
                }
                for (int i = 0; i < n; i++) {
                    if (into[i] != byteAt(side.other(), end.read)) {
                        return "wrong byte at " + end.read;
                    }
                    end.read++;
                }
            }
        } catch (SocketTimeoutException e) {
            stopped = ", timeout";
        } catch (IOException e) {
            stopped = ", " + name(e);
        }
        return end.read - before + " bytes" + stopped;
    }

    private void end() throws InterruptedException {
        for (End end : ends.values()) {
            if (end.writer != null) {
                end.writer.join(TimeUnit.SECONDS.toMillis(MUCH_SECONDS));
                transcript.add("a thread of it " + end.wrote);
            }
        }
        for (End end : ends.values()) {
            end.others.forEach(Player::drop);
            drop(end.stream);
            try {
                if (end.listener != null) {
                    end.listener.close();
                }
            } catch (IOException e) {
                transcript.add("closing the listener: " + name(e));
            }
        }
    }

    private static void drop(Sockets.Stream stream) {
        try {
            if (stream != null) {
                stream.linger(0);
                stream.close();
            }
        } catch (IOException e) {
            // It is closed already, which is what was wanted.
        }
    }
}
