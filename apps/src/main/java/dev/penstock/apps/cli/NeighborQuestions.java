package dev.penstock.apps.cli;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** What arping and ndping share: who has an address is asked again and again, and answers are printed with their times. */
abstract class NeighborQuestions implements Callable<Integer> {
    private static final int ANSWERS_WAITING = 10_000;

    @ParentCommand
    private Main main;

    @Mixin
    private TapOptions tapOptions;

    @Option(names = "-c", paramLabel = "COUNT", description = "Stop after so many requests.")
    private int count;

    @Option(names = "-w", paramLabel = "S", description = "Stop after so many seconds.")
    private double deadline;

    @Option(names = "-i", paramLabel = "S", defaultValue = "1", description = "Seconds between requests (default 1).")
    private double interval;

    @Option(
            names = "-D",
            description = "Duplicate address detection: ask from the unspecified address, stop at the first reply.")
    private boolean duplicate;

    @Option(names = "-f", description = "Stop at the first reply.")
    private boolean first;

    @Option(names = "-b", description = "Keep asking all; without it, requests after a reply go to its sender.")
    private boolean all;

    @Option(names = "-q", description = "Print nothing but errors.")
    private boolean quiet;

    /**
     * What came back.
     *
     * @param request it was no reply, but somebody else asks
     */
    record Answer(long mac, boolean toGroup, long atNs, boolean request) {}

    private final LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>(ANSWERS_WAITING);
    private int sent;
    private int toAll;
    private int received;
    private int requestsReceived;
    private long lastMac = MacAddress.NONE;

    /** In capitals, as it begins the output: {@code ARPING}. */
    abstract String title();

    /** What a request to all is: {@code broadcast}. */
    abstract String group();

    abstract IpAddress target();

    /** Refuses what cannot be asked for; begins to listen; answers the address to ask from. */
    abstract IpAddress prepare(TapStack tap, boolean duplicateDetection) throws IOException, CliException;

    /**
     * Asks once.
     *
     * @param to {@link MacAddress#NONE} for all
     */
    abstract void ask(TapStack tap, IpAddress from, long to) throws IOException;

    /** Any thread: somebody answered. */
    final void answered(Answer answer) {
        answers.offer(answer);
    }

    @Override
    public final Integer call() throws Exception {
        if (count < 0 || deadline < 0 || !(interval >= 0.001 && interval <= 3600)) {
            throw CliException.usage("-c, -w or -i is out of range: give positive numbers, -i 0.001 .. 3600");
        }
        check();
        try (TapStack tap = TapStack.open(tapOptions, main.console)) {
            IpAddress from = prepare(tap, duplicate);
            say(title() + " " + target() + " from " + from + " " + tap.tapName());
            run(tap, from);
            say("Sent " + sent + " probes (" + toAll + " " + group() + "(s))");
            say("Received " + received + " response(s)"
                    + (requestsReceived == 0 ? "" : " (" + requestsReceived + " request(s))"));
        }
        boolean found = received > 0;
        return found != duplicate ? Main.OK : Main.FAILED;
    }

    /** Refuses an address that cannot be asked for. */
    abstract void check() throws CliException;

    private void run(TapStack tap, IpAddress from) throws IOException, InterruptedException {
        main.shutdown.onRequest(() -> answers.offer(new Answer(MacAddress.NONE, false, 0, false)));
        long began = System.nanoTime();
        long end = deadline > 0 ? began + (long) (deadline * 1e9) : Long.MAX_VALUE;
        long intervalNs = (long) (interval * 1e9);
        while (!main.shutdown.isRequested() && (count == 0 || sent < count) && System.nanoTime() - end < 0) {
            long sentAt = System.nanoTime();
            long to = all || duplicate ? MacAddress.NONE : lastMac;
            ask(tap, from, to);
            sent++;
            toAll += to == MacAddress.NONE ? 1 : 0;
            if (!listen(sentAt, Math.min(end, sentAt + intervalNs))) {
                return;
            }
        }
    }

    /** Prints what comes back until then; false when no more is to be asked. */
    private boolean listen(long sentAt, long until) throws InterruptedException {
        while (true) {
            Answer answer = answers.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (answer == null || main.shutdown.isRequested()) {
                return true;
            }
            print(answer, sentAt);
            // The last request is answered: nothing else is worth waiting for.
            boolean done = sent == count && lastMac != MacAddress.NONE && !all;
            if (first || duplicate || done) {
                return false;
            }
        }
    }

    private void print(Answer answer, long sentAt) {
        received++;
        if (answer.request) {
            requestsReceived++;
        }
        lastMac = answer.mac;
        String cast = group().substring(0, 1).toUpperCase(Locale.ROOT) + group().substring(1);
        say(String.format(
                Locale.ROOT,
                "%s %s from %s [%s]  %.3fms",
                answer.toGroup ? cast : "Unicast",
                answer.request ? "request" : "reply",
                target(),
                MacAddress.format(answer.mac).toUpperCase(Locale.ROOT),
                Math.max(0, answer.atNs - sentAt) / 1e6));
    }

    private void say(String line) {
        if (!quiet) {
            main.console.line(line);
        }
    }
}
