package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A {@link Prober} for a thread that waits. */
final class Probes implements AutoCloseable {
    private static final long RETRY_MILLIS = 5;

    private final PenstockStack stack;
    private final Prober prober;
    private int next;

    /** One on its way. */
    record Probe(int number, long sentNs, CompletableFuture<Hop> answer) {}

    private Probes(PenstockStack stack, Prober prober) {
        this.stack = stack;
        this.prober = prober;
    }

    /** @throws CliException when there is no way to the target at all */
    static Probes open(PenstockStack stack, Prober.Method method, IpAddress target, int zone, int firstPort)
            throws IOException, CliException {
        Prober prober = stack.call(shard -> new Prober(shard, method, target, zone, firstPort));
        if (!stack.call(shard -> prober.isReady())) {
            stack.call(shard -> {
                prober.close();
                return null;
            });
            throw CliException.failed("no route to " + target + ": give --gateway, or an address of its network");
        }
        return new Probes(stack, prober);
    }

    int mtu() throws IOException {
        return stack.call(shard -> prober.mtu());
    }

    int headers() throws IOException {
        return stack.call(shard -> prober.headers());
    }

    /**
     * Sends one, as soon as the next hop is known.
     *
     * @return the probe; its answer is there already, as {@code !H}, when the next hop does not answer; null when it is larger than
     *     what gets through
     */
    Probe send(int ttl, int packet, boolean dontFragment, long timeoutNs) throws IOException, InterruptedException {
        int number = next++;
        CompletableFuture<Hop> answer = new CompletableFuture<>();
        long began = System.nanoTime();
        while (true) {
            int result = stack.call(shard -> prober.send(number, ttl, packet, dontFragment, answer::complete));
            if (result > 0) {
                return new Probe(number, System.nanoTime(), answer);
            }
            if (result == IpOutput.TOO_BIG) {
                return null;
            }
            if (result == IpOutput.NO_ROUTE || result == IpOutput.HOST_UNREACHABLE) {
                IpAddress self = stack.call(shard -> prober.source());
                String mark = result == IpOutput.NO_ROUTE ? "!N" : "!H";
                answer.complete(new Hop(self, System.nanoTime() - began, true, mark, 0, 0));
                return new Probe(number, began, answer);
            }
            if (System.nanoTime() - began > timeoutNs) {
                answer.complete(Hop.SILENCE);
                return new Probe(number, began, answer);
            }
            Thread.sleep(RETRY_MILLIS);
        }
    }

    /** Waits for the answer to a probe until {@code timeoutNs} after it was sent. */
    Hop await(Probe probe, long timeoutNs) throws IOException, InterruptedException {
        try {
            long left = Math.max(0, timeoutNs - (System.nanoTime() - probe.sentNs));
            return probe.answer.get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            stack.call(shard -> {
                prober.giveUp(probe.number);
                return null;
            });
            return Hop.SILENCE;
        } catch (ExecutionException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        if (!stack.isClosed()) {
            stack.onShard(shard -> prober.close());
        }
    }
}
