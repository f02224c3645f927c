package dev.penstock.apps.cli;

import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Sends ARP requests, as the arping of iputils does. */
@Command(
        name = "arping",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {"Sends ARP requests from the stack, with the habits of arping (iputils)."},
        footer = {
            "",
            "Exit code: 0 when a reply came, 1 when none did; with -D the other way round; 2 for another failure.",
            "",
            "Example:",
            "  penstock arping --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24 -c 3 192.0.2.1"
        })
final class ArpingCommand implements Callable<Integer> {
    private static final int ANSWERS_WAITING = 10_000;

    @ParentCommand
    private Main main;

    @Mixin
    private TapOptions tapOptions;

    @Parameters(paramLabel = "ADDRESS", converter = TapOptions.AddressConverter.class, description = "Whom to ask for.")
    private IpAddress target;

    @Option(names = "-c", paramLabel = "COUNT", description = "Stop after so many requests.")
    private int count;

    @Option(names = "-w", paramLabel = "S", description = "Stop after so many seconds.")
    private double deadline;

    @Option(names = "-i", paramLabel = "S", defaultValue = "1", description = "Seconds between requests (default 1).")
    private double interval;

    @Option(names = "-D", description = "Duplicate address detection: ask from 0.0.0.0, stop at the first reply.")
    private boolean duplicate;

    @Option(names = "-f", description = "Stop at the first reply.")
    private boolean first;

    @Option(names = "-b", description = "Keep broadcasting; without it, requests after a reply go to its sender.")
    private boolean broadcast;

    @Option(names = "-q", description = "Print nothing but errors.")
    private boolean quiet;

    private record Answer(long mac, boolean toGroup, long atNs, boolean request) {}

    private final LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>(ANSWERS_WAITING);
    private int sent;
    private int broadcasts;
    private int received;
    private int requestsReceived;
    private long lastMac = MacAddress.NONE;

    @Override
    public Integer call() throws Exception {
        if (!target.isV4()) {
            throw CliException.usage("ARP is for IPv4: '" + target + "' is not an IPv4 address");
        }
        if (count < 0 || deadline < 0 || !(interval >= 0.001 && interval <= 3600)) {
            throw CliException.usage("-c, -w or -i is out of range: give positive numbers, -i 0.001 .. 3600");
        }
        try (TapStack tap = TapStack.open(tapOptions, main.console)) {
            IpAddress from = duplicate ? IpAddress.ANY_V4 : tap.awaitAddress(PingCommand.ADDRESS_SECONDS);
            tap.stack().call(shard -> {
                watch(shard.ip());
                return null;
            });
            say("ARPING " + target + " from " + from + " " + tap.tapName());
            run(tap, from);
            say("Sent " + sent + " probes (" + broadcasts + " broadcast(s))");
            say("Received " + received + " response(s)"
                    + (requestsReceived == 0 ? "" : " (" + requestsReceived + " request(s))"));
        }
        boolean found = received > 0;
        return found != duplicate ? Main.OK : Main.FAILED;
    }

    /** On the shard's thread. */
    private void watch(IpLayer ip) {
        ip.setArpMonitor(
                ip.interfaceAt(0), (nic, operation, senderMac, senderIp, targetMac, targetIp, toGroup, nowNs) -> {
                    if (senderIp == target.v4Bits()) {
                        answers.offer(new Answer(senderMac, toGroup, System.nanoTime(), operation == 1));
                    }
                });
    }

    private void run(TapStack tap, IpAddress from) throws IOException, InterruptedException {
        main.shutdown.onRequest(() -> answers.offer(new Answer(MacAddress.NONE, false, 0, false)));
        long began = System.nanoTime();
        long end = deadline > 0 ? began + (long) (deadline * 1e9) : Long.MAX_VALUE;
        long intervalNs = (long) (interval * 1e9);
        while (!main.shutdown.isRequested() && (count == 0 || sent < count) && System.nanoTime() - end < 0) {
            long sentAt = System.nanoTime();
            send(tap, from);
            long until = Math.min(end, sentAt + intervalNs);
            while (true) {
                Answer answer = answers.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (answer == null || main.shutdown.isRequested()) {
                    break;
                }
                print(answer, sentAt);
                if (first || duplicate) {
                    return;
                }
                // The last request is answered: nothing else is worth waiting for.
                if (sent == count && lastMac != MacAddress.NONE && !broadcast) {
                    return;
                }
            }
        }
    }

    private void send(TapStack tap, IpAddress from) throws IOException {
        long to = broadcast || duplicate ? MacAddress.NONE : lastMac;
        boolean queued = tap.stack().call(shard -> {
            IpInterface nic = shard.ip().interfaceAt(0);
            return shard.ip().sendArpRequest(nic, from, target, to);
        });
        if (!queued) {
            throw new IOException("the request could not be queued: is the interface up?");
        }
        sent++;
        if (to == MacAddress.NONE) {
            broadcasts++;
        }
    }

    private void print(Answer answer, long sentAt) {
        received++;
        if (answer.request) {
            requestsReceived++;
        }
        lastMac = answer.mac;
        say(String.format(
                Locale.ROOT,
                "%s %s from %s [%s]  %.3fms",
                answer.toGroup ? "Broadcast" : "Unicast",
                answer.request ? "request" : "reply",
                target,
                MacAddress.format(answer.mac).toUpperCase(Locale.ROOT),
                Math.max(0, answer.atNs - sentAt) / 1e6));
    }

    private void say(String line) {
        if (!quiet) {
            main.console.line(line);
        }
    }
}
