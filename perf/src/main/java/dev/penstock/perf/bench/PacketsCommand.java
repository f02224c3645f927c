package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Target;
import dev.penstock.stack.blocking.IdleMode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Small datagrams a second. */
@Command(
        name = "packets",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description =
                "Small UDP datagrams a second over TAP: received (the kernel sends more than anybody takes), and sent.")
final class PacketsCommand extends Measurement {
    private static final int LARGEST = 1472;

    @Option(
            names = "--message",
            paramLabel = "BYTES",
            defaultValue = "18",
            description = "Payload (default ${DEFAULT-VALUE}, the least that fills an Ethernet frame).")
    private int message;

    @Override
    void check() {
        range("--message", message, 1, LARGEST);
        if (inMemory()) {
            throw options.wrong("packets are measured over TAP alone: leave --device memory out");
        }
    }

    @Override
    void measure(BenchRun run) throws Exception {
        IdleMode mode = options.placement == Placement.ONE ? IdleMode.BLOCKING : IdleMode.BUSY;
        Setting s = new Setting(Service.DISCARD, 1, message, true, mode, options.placement, options.congestion);
        List<Contender> in = new ArrayList<>();
        List<Contender> out = new ArrayList<>();
        if (options.has(BenchOptions.Side.PENSTOCK)) {
            in.add(contender("in.callback", "Penstock, callback", s, () -> PacketsRig.penstockIn(s)));
            out.add(contender("out.callback", "Penstock, on the shard", s, () -> PacketsRig.penstockOut(s)));
        }
        if (options.has(BenchOptions.Side.KERNEL)) {
            in.add(contender("in.kernel", "kernel to kernel, veth", s, () -> PacketsRig.kernelIn(s)));
            out.add(contender("out.kernel", "kernel to kernel, veth", s, () -> PacketsRig.kernelOut(s)));
        }
        if (options.has(BenchOptions.Side.FLOOR)) {
            in.add(contender("in.floor", "raw loop, Java", s, () -> PacketsRig.floorIn(s)));
        }
        Section received = new Section("UDP datagrams of " + message + " B received over TAP");
        received.figures.addAll(run.measure(in));
        Compare c = new Compare(received, "");
        c.ratio("in.callback", "in.floor", Target.atLeast(0.9));
        c.ratio("in.callback", "in.kernel", null);
        run.add(received);
        Section sent = new Section("UDP datagrams of " + message + " B sent over TAP");
        sent.figures.addAll(run.measure(out));
        new Compare(sent, "").ratio("out.callback", "out.kernel", null);
        run.add(sent);
    }

    private static Contender contender(String who, String title, Setting s, SimpleContender.Starting starting) {
        return Figures.contender(
                "packets.tap." + s.message() + "." + who, title, "/s", true, s.conditions(), null, starting);
    }
}
