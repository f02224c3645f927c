package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.perf.report.Section;
import dev.penstock.stack.blocking.IdleMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What is left of throughput and latency when the link is bad. */
@Command(
        name = "impairment",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description =
                "Streams and echoes over a plain TAP device behind a link that loses and delays, by the stack's own "
                        + "impairment device: kernel to Penstock and back.")
final class ImpairmentCommand extends Measurement {
    private static final double MOST_MS = 1000;

    @Option(
            names = "--loss",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "0,0.1,1",
            description = "Random loss of each direction, per cent (default ${DEFAULT-VALUE}).")
    private List<Double> losses;

    @Option(
            names = "--delay",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "0,5",
            description = "Delay of each direction, milliseconds (default ${DEFAULT-VALUE}).")
    private List<Double> delays;

    @Override
    void check() {
        losses.forEach(l -> range("--loss", l, 0, 50));
        delays.forEach(d -> range("--delay", d, 0, MOST_MS));
        if (inMemory()) {
            throw options.wrong(
                    "a simulated link in virtual time is what 'penstock netsim' measures: leave --device memory out");
        }
    }

    @Override
    void measure(BenchRun run) throws Exception {
        Section in = new Section("Bulk TCP over an impaired link, kernel -> Penstock, 1 stream, plain frames");
        Section out = new Section("Bulk TCP over an impaired link, Penstock -> kernel, 1 stream, plain frames");
        Section echo = new Section("64 B echo over an impaired link, hybrid");
        List<Contender> ins = new ArrayList<>();
        List<Contender> outs = new ArrayList<>();
        List<Contender> echoes = new ArrayList<>();
        for (double delay : delays) {
            for (double loss : losses) {
                Link link = new Link(loss / 100, (long) (delay * 1e6));
                String name = String.format(Locale.ROOT, "%s ms each way, %s %% loss", delay, loss);
                ins.add(bulk(Service.DISCARD, link, name));
                outs.add(bulk(Service.CHARGEN, link, name));
                echoes.add(echo(link, name));
            }
        }
        in.figures.addAll(run.measure(ins));
        run.add(in);
        out.figures.addAll(run.measure(outs));
        run.add(out);
        echo.figures.addAll(run.measure(echoes));
        run.add(echo);
    }

    /** A link's loss, 0 .. 1, and delay in each direction. */
    record Link(double loss, long delayNs) {
        String id() {
            return loss + "." + delayNs / 1000 + "us";
        }
    }

    private Setting setting(Service service, int message) {
        return new Setting(service, 1, message, false, IdleMode.HYBRID, options.placement, options.congestion);
    }

    private Contender bulk(Service service, Link link, String name) {
        Setting s = setting(service, 128 << 10);
        return Figures.contender(
                "impairment.bulk." + service.name().toLowerCase(Locale.ROOT) + "." + link.id(),
                name,
                "Gbit/s",
                true,
                s.conditions(),
                "KiB",
                () -> BulkRig.impaired(s, link));
    }

    private Contender echo(Link link, String name) {
        Setting s = setting(Service.ECHO, 64);
        return Figures.contender(
                "impairment.echo." + link.id(),
                name,
                "us",
                false,
                s.conditions(),
                "echo",
                () -> EchoRig.impaired(s, link));
    }
}
