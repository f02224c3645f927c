package dev.penstock.conformance.matrix;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Two ends send each other known bytes and close, as a {@link Cell} says. Half way they pause, so that somebody can look
 * at the connection while it is established and quiet.
 */
final class Exchange {
    private static final int PIECE = 16 * 1024;
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    private final Cell cell;
    private final Map<Side, End> ends = new EnumMap<>(Side.class);
    private final Map<Side, Flow> toward = new EnumMap<>(Side.class);
    private final CountDownLatch halves = new CountDownLatch(2);
    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(4);
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    /** What one side receives. */
    private static final class Flow {
        final CountDownLatch ended = new CountDownLatch(1);
        volatile long received;
        volatile long written;
    }

    Exchange(Cell cell, End kernel, End stack) {
        this.cell = cell;
        ends.put(Side.KERNEL, kernel);
        ends.put(Side.STACK, stack);
        toward.put(Side.KERNEL, new Flow());
        toward.put(Side.STACK, new Flow());
    }

    /** The byte at {@code position} of what {@code from} sends. */
    static byte byteAt(Side from, long position) {
        return (byte) (((position + (from == Side.KERNEL ? 1L << 40 : 0)) * MULTIPLIER) >>> 56);
    }

    /**
     * Starts, runs {@code atHalf} in the pause, and waits for the end.
     *
     * @return what went wrong
     */
    List<String> run(Runnable atHalf, long limitNs) throws InterruptedException {
        long deadline = System.nanoTime() + limitNs;
        for (Side side : Side.values()) {
            start(side + " writes", () -> write(side));
            start(side + " reads", () -> read(side));
        }
        if (halves.await(limitNs, TimeUnit.NANOSECONDS)) {
            atHalf.run();
        }
        gate.countDown();
        if (!done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            complaints.add("not over after " + limitNs / 1_000_000_000 + " s: " + progress());
            ends.values().forEach(end -> quietly(end.abort()));
            done.await(5, TimeUnit.SECONDS);
        }
        ends.values().forEach(end -> quietly(end.close()));
        return List.copyOf(complaints);
    }

    private void start(String name, End.Act act) {
        Thread thread = new Thread(
                () -> {
                    try {
                        act.run();
                    } catch (IOException e) {
                        complaints.add(name + ": " + e);
                        // Nobody shall wait for what will never come.
                        ends.values().forEach(end -> quietly(end.abort()));
                    } finally {
                        done.countDown();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void quietly(End.Act act) {
        try {
            act.run();
        } catch (IOException e) {
            // It is closed already: that is what was wanted.
        }
    }

    private void write(Side side) throws IOException {
        End end = ends.get(side);
        int bytes = cell.bytesOf(side);
        boolean first = cell.is(Dimension.CLOSER, side.key);
        write(end, side, 0, bytes / 2);
        if (bytes > 0 || !first) {
            await(gate);
        }
        write(end, side, bytes / 2, bytes);
        if (cell.is(Dimension.CLOSER, side.other().key)) {
            await(toward.get(side).ended);
        }
        end.shutdown().run();
    }

    private void write(End end, Side side, int from, int to) throws IOException {
        byte[] piece = new byte[PIECE];
        int at = from;
        while (at < to) {
            int n = Math.min(PIECE, to - at);
            for (int i = 0; i < n; i++) {
                piece[i] = byteAt(side, at + i);
            }
            end.out().write(piece, 0, n);
            at += n;
            toward.get(side.other()).written = at;
        }
    }

    private void read(Side side) throws IOException {
        Flow flow = toward.get(side);
        Side from = side.other();
        int expected = cell.bytesOf(from);
        byte[] piece = new byte[2 * PIECE];
        boolean half = false;
        boolean wrong = false;
        long at = 0;
        try {
            while (true) {
                if (!half && at >= expected / 2) {
                    half = true;
                    halves.countDown();
                }
                int n = ends.get(side).in().read(piece);
                if (n < 0) {
                    break;
                }
                for (int i = 0; i < n && !wrong; i++) {
                    if (piece[i] != byteAt(from, at + i)) {
                        wrong = true;
                        complaints.add(side + " reads a wrong byte at " + (at + i));
                    }
                }
                at += n;
                flow.received = at;
            }
            if (at != expected) {
                complaints.add(side + " received " + at + " of " + expected + " bytes");
            }
        } finally {
            flow.ended.countDown();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** How far it is, for people. */
    String progress() {
        StringBuilder out = new StringBuilder();
        toward.forEach((side, flow) -> out.append(side)
                .append(" received ")
                .append(flow.received)
                .append(" of ")
                .append(cell.bytesOf(side.other()))
                .append(", ")
                .append(flow.written)
                .append(" were written, end ")
                .append(flow.ended.getCount() == 0 ? "seen; " : "not seen; "));
        return out.toString();
    }
}
