package dev.penstock.apps.iperf;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.timer.Deadline;
import java.util.ArrayList;
import java.util.List;

/** The streams of one test, at either end: started and stopped together, counted by intervals. Shard thread. */
final class TestRun {
    private static final long SECOND_NS = 1_000_000_000L;

    final IperfSettings settings;
    final boolean server;
    final List<DataStream> streams = new ArrayList<>();
    private final ShardContext shard;
    private final IperfListener listener;
    private final long intervalNs;
    private final CpuUse cpu = new CpuUse();
    private final Deadline tick = new Deadline() {
        @Override
        protected void onDeadline(long nowNs) {
            onTick(nowNs);
        }
    };

    private boolean running;
    private boolean omitting;
    private long intervalStartNs;
    private long startNs;
    private long lengthNs;
    private List<IperfInterval> totals = List.of();

    TestRun(IperfSettings settings, boolean server, ShardContext shard, IperfListener listener, long intervalNs) {
        this.settings = settings;
        this.server = server;
        this.shard = shard;
        this.listener = listener;
        this.intervalNs = intervalNs;
    }

    /** How many streams this end sends. */
    int senders() {
        return settings.bidirectional || settings.reverse == server ? settings.parallel : 0;
    }

    /** How many streams there are in all. */
    int expected() {
        return settings.bidirectional ? 2 * settings.parallel : settings.parallel;
    }

    /** True if this end sends the next stream that is made: the client's come first when both send. */
    boolean nextIsSender() {
        if (!settings.bidirectional) {
            return senders() > 0;
        }
        return server == streams.size() >= settings.parallel;
    }

    void add(DataStream stream) {
        // iperf3 leaves 2 out.
        stream.id = streams.isEmpty() ? 1 : streams.size() + 2;
        streams.add(stream);
    }

    boolean isComplete() {
        return streams.size() == expected();
    }

    boolean isRunning() {
        return running;
    }

    /** @param whenSpent run when the test ends by bytes and they are moved */
    void start(Runnable whenSpent, long nowNs) {
        running = true;
        startNs = nowNs;
        intervalStartNs = nowNs;
        omitting = settings.omitSeconds > 0;
        // What is omitted does not count: the limit begins to hold after it.
        Budget budget = omitting ? Budget.none() : budget(whenSpent);
        this.spent = whenSpent;
        schedule();
        for (DataStream stream : streams) {
            stream.start(budget, nowNs);
        }
    }

    private Runnable spent = () -> {};

    private Budget budget(Runnable whenSpent) {
        if (settings.isTimed()) {
            return Budget.none();
        }
        long bytes = settings.bytes > 0 ? settings.bytes : blockBytes();
        return new Budget(bytes, settings.bidirectional || senders() > 0, whenSpent);
    }

    private long blockBytes() {
        long length = settings.effectiveLength();
        return settings.blocks > Long.MAX_VALUE / length ? Long.MAX_VALUE : settings.blocks * length;
    }

    private long omitEndNs() {
        return startNs + settings.omitSeconds * SECOND_NS;
    }

    private void schedule() {
        long next = omitting ? omitEndNs() : Deadline.NEVER;
        if (intervalNs > 0) {
            next = Math.min(next, intervalStartNs + intervalNs);
        }
        shard.deadlines().schedule(tick, next);
    }

    private void onTick(long nowNs) {
        if (intervalNs > 0 && nowNs - intervalStartNs >= intervalNs) {
            tellInterval(nowNs);
        }
        if (omitting && nowNs >= omitEndNs()) {
            omitting = false;
            Budget budget = budget(spent);
            streams.forEach(s -> s.omit(nowNs));
            streams.forEach(s -> s.start(budget, nowNs));
            startNs = nowNs;
            intervalStartNs = nowNs;
        }
        schedule();
    }

    private void tellInterval(long nowNs) {
        long from = intervalStartNs - startNs;
        long to = nowNs - startNs;
        intervalStartNs = nowNs;
        List<IperfInterval> all = new ArrayList<>();
        for (DataStream stream : streams) {
            all.add(stream.interval(from, to, omitting, nowNs));
        }
        listener.onInterval(all);
    }

    /** True when nothing that was sent is on its way any more. */
    boolean isDrained() {
        return streams.stream().allMatch(DataStream::isDrained);
    }

    /** Sends and counts no more. Idempotent. */
    void stop(long nowNs) {
        if (!running) {
            return;
        }
        running = false;
        shard.deadlines().cancel(tick);
        // A rest of a few milliseconds is no interval.
        if (intervalNs > 0 && nowNs - intervalStartNs > intervalNs / 10) {
            tellInterval(nowNs);
        }
        lengthNs = nowNs - startNs;
        totals = streams.stream().map(s -> s.total(lengthNs, nowNs)).toList();
        streams.forEach(DataStream::stop);
    }

    /**
     * What the peer still waits for does not come. iperf3 reads whole blocks, and would wait for the rest of one for ever: a server
     * ends its streams as soon as the client says that the test is over.
     */
    void endOutput(long nowNs) {
        streams.forEach(s -> s.endOutput(nowNs));
    }

    void close(long nowNs) {
        running = false;
        shard.deadlines().cancel(tick);
        streams.forEach(s -> s.close(nowNs));
    }

    /** Bytes that count so far, both directions. */
    long bytes() {
        long sum = 0;
        for (DataStream stream : streams) {
            sum += stream.bytes;
        }
        return sum;
    }

    List<IperfInterval> totals() {
        return totals;
    }

    // --- results, as the two ends tell each other ---

    JsonObject results() {
        JsonObject json = new JsonObject();
        double percent = cpu.percent();
        json.addProperty("cpu_util_total", percent);
        json.addProperty("cpu_util_user", percent);
        json.addProperty("cpu_util_system", 0);
        json.addProperty("sender_has_retransmits", senders() == 0 ? -1 : settings.udp ? 0 : 1);
        JsonArray all = new JsonArray();
        for (int i = 0; i < totals.size(); i++) {
            IperfInterval total = totals.get(i);
            DataStream stream = streams.get(i);
            JsonObject one = new JsonObject();
            one.addProperty("id", total.stream());
            one.addProperty("bytes", total.bytes());
            one.addProperty("retransmits", total.retransmits());
            one.addProperty("jitter", total.jitterNs() / 1e9);
            // Here iperf3 counts what was omitted, too, and takes it off when it shows the numbers.
            one.addProperty("errors", total.lost() + stream.omittedLost());
            one.addProperty("omitted_errors", stream.omittedLost());
            one.addProperty("packets", total.packets() + stream.omittedPackets());
            one.addProperty("omitted_packets", stream.omittedPackets());
            one.addProperty("start_time", 0);
            one.addProperty("end_time", lengthNs / 1e9);
            all.add(one);
        }
        json.add("streams", all);
        return json;
    }

    /**
     * What the peer says.
     *
     * @throws IllegalArgumentException when it does not say what it should
     */
    IperfResult resultWith(JsonObject json) {
        List<IperfInterval> peer = new ArrayList<>();
        for (int i = 0; i < totals.size(); i++) {
            peer.add(peerOf(totals.get(i), streams.get(i), json));
        }
        return new IperfResult(totals, List.copyOf(peer), number(json, "cpu_util_total"));
    }

    private IperfInterval peerOf(IperfInterval own, DataStream stream, JsonObject json) {
        if (json.get("streams") instanceof JsonArray all) {
            for (JsonElement each : all) {
                if (each instanceof JsonObject one && (int) number(one, "id") == own.stream()) {
                    long endNs = (long) (number(one, "end_time") * 1e9);
                    return new IperfInterval(
                            own.stream(),
                            !own.sender(),
                            own.udp(),
                            0,
                            endNs > 0 ? endNs : own.endNs(),
                            (long) number(one, "bytes"),
                            (long) number(one, "retransmits"),
                            -1,
                            (long) number(one, "packets") - omitted(one, "omitted_packets", stream.omittedPackets()),
                            (long) number(one, "errors") - omitted(one, "omitted_errors", stream.omittedLost()),
                            0,
                            (long) (number(one, "jitter") * 1e9),
                            false);
                }
            }
        }
        throw new IllegalArgumentException("the peer tells no results of stream " + own.stream());
    }

    /** Versions before 3.13 do not say how much it was; this end's own count is near it. */
    private static long omitted(JsonObject json, String name, long own) {
        return json.has(name) ? (long) number(json, name) : own;
    }

    /** 0 when it is not there. */
    private static double number(JsonObject json, String name) {
        JsonElement value = json.get(name);
        if (value == null) {
            return 0;
        }
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isNumber()) {
            throw new IllegalArgumentException("\"" + name + "\" is no number");
        }
        return value.getAsDouble();
    }
}
