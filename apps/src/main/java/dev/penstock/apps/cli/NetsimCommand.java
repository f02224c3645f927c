package dev.penstock.apps.cli;

import dev.penstock.apps.netsim.Flows;
import dev.penstock.apps.netsim.FlowsSpec;
import dev.penstock.apps.netsim.FlowsTable;
import dev.penstock.apps.netsim.Instruments;
import dev.penstock.apps.netsim.LossTable;
import dev.penstock.apps.netsim.Runs;
import dev.penstock.apps.netsim.Sample;
import dev.penstock.apps.netsim.Transfer;
import dev.penstock.apps.netsim.TransferSpec;
import dev.penstock.apps.trace.TcpTraceCsv;
import dev.penstock.stack.device.PcapngWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Measures TCP in a simulated network, in virtual time. */
@Command(
        name = "netsim",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Measures the stack's TCP in a simulated network, in virtual time: the same seed gives the same numbers.",
            "",
            "Without --flows: one flow between two stacks over a wire with delay and random loss in each direction; a "
                    + "table of bytes a second from the first SYN to the last byte, buffers down, losses across. With "
                    + "cubic and reno each rate stands beside the part of what is allowed: by the response function "
                    + "of RFC 9438 or RFC 5681 at that loss, the buffer a round trip, or the link, whichever is least, "
                    + "with the handshake and slow start that precede it reckoned in (--csv has the long-run rate too).",
            "With --flows: that many flows at once through one drop-tail bottleneck."
        },
        footer = {
            "",
            "Examples:",
            "  penstock netsim --cc none",
            "  penstock netsim --rtt 20,100,200 --buffers 64k,256k,1M --losses 0,0.1,1,5",
            "  penstock netsim --buffers 64k --losses 0.1 --bytes 10M --runs 20",
            "  penstock netsim --flows 1,16,64",
            "  penstock netsim --bandwidth 1G --losses 0.01 --buffers auto --bytes 1G",
            "  penstock netsim --losses 0 --reorder 1 --buffers 256k",
            "",
            "Exit code: 0 when every transfer was completed, 1 when not."
        })
final class NetsimCommand implements Callable<Integer> {
    private static final long FLOW_BYTES = 2L << 20;
    private static final int FLOW_BUFFER = 256 << 10;
    private static final long LEAST_QUEUE = 64 << 10;
    private static final int SNAP_LENGTH = 128;

    @ParentCommand
    private Main main;

    @Option(
            names = "--rtt",
            paramLabel = "MS",
            split = ",",
            converter = NetsimValues.RttConverter.class,
            description = "Round-trip times, milliseconds; a table for each (default 100).")
    private List<Long> rtts;

    @Option(
            names = "--bytes",
            paramLabel = "N",
            converter = DemoCommand.SizeConverter.class,
            description =
                    "Bytes that each flow sends, as 500K, 10M or 1G. Default 10M; with cubic and reno as many more "
                            + "as make about 200 losses, up to 320M, for of a few one learns only whether they came early or "
                            + "late; with --flows 2M.")
    private Long bytes;

    @Option(
            names = "--runs",
            paramLabel = "N",
            converter = NetsimValues.RunsConverter.class,
            description =
                    "Each rate is all bytes over all the time of so many transfers, with seeds one apart. Default 1; "
                            + "with --bytes, and cubic or reno, as many as make about 200 losses, up to 32.")
    private Integer runs;

    @Option(
            names = "--buffers",
            paramLabel = "LIST",
            split = ",",
            converter = NetsimValues.BufferConverter.class,
            description = "Socket buffers, send and receive, as 128, 64k or 1M; auto for what the stack chooses "
                    + "(default 128 .. 32k in powers of two; with --flows 256k).")
    private List<Integer> buffers;

    @Option(
            names = "--losses",
            paramLabel = "LIST",
            split = ",",
            converter = NetsimValues.PercentConverter.class,
            description = "Random loss in each direction, per cent (default 0,0.1,1,2,5,10,20,30; with --flows 0).")
    private List<Double> losses;

    @Option(
            names = "--cc",
            paramLabel = "cubic|reno|bbr|none",
            defaultValue = "cubic",
            converter = NetsimValues.CongestionConverter.class,
            description = "Congestion control; bbr models the path, none is a fixed window (default ${DEFAULT-VALUE}).")
    private String congestion;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "All randomness (default 1).")
    private long seed;

    @Option(
            names = "--bandwidth",
            paramLabel = "BIT/S",
            converter = NetsimValues.BandwidthConverter.class,
            description = "Rate of the link, as 500k, 200M or 1G (default no limit; with --flows 200M).")
    private Long bandwidth;

    @Option(
            names = "--queue",
            paramLabel = "BYTES",
            converter = DemoCommand.SizeConverter.class,
            description = "Queue in front of it (default a round trip's worth, 64K at least; with --flows 64K).")
    private Long queue;

    @Option(
            names = "--reorder",
            paramLabel = "PERCENT",
            defaultValue = "0",
            converter = NetsimValues.PercentConverter.class,
            description = "So many data packets are delayed, so that others overtake them (default 0).")
    private double reorder;

    @Option(
            names = "--reorder-delay",
            paramLabel = "MS",
            converter = NetsimValues.RttConverter.class,
            description = "By up to so much, uniformly (default a tenth of the round-trip time).")
    private Long reorderDelay;

    @Option(names = "--ecn", description = "Offer ECN; the queue marks from a quarter of its size on.")
    private boolean ecn;

    @Option(
            names = "--flows",
            paramLabel = "LIST",
            split = ",",
            arity = "0..1",
            fallbackValue = "1,2,4,16,32,64",
            converter = NetsimValues.FlowsConverter.class,
            description = "So many flows at once through one bottleneck (without a list 1,2,4,16,32,64).")
    private List<Integer> flows;

    @Option(
            names = "--rtt-spread",
            paramLabel = "MIN..MAX",
            converter = NetsimValues.SpreadConverter.class,
            description = "Their round-trip times, evenly in between, milliseconds (default 50..150).")
    private NetsimValues.Range spread;

    @Option(names = "--csv", description = "A line of comma-separated values for each cell, with more of them.")
    private boolean csv;

    @Option(
            names = "--pcap",
            paramLabel = "FILE",
            description = "Capture the headers of all packets of a single transfer as pcapng.")
    private Path pcap;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Write what happens to the senders' connections as CSV, for 'penstock trace plot'; a single "
                    + "transfer, or a single number of flows.")
    private Path trace;

    @Override
    public Integer call() throws Exception {
        return flows == null ? single() : together();
    }

    // --- one flow ---

    private int single() throws Exception {
        if (spread != null) {
            throw CliException.usage("--rtt-spread is for several flows: give --flows, or --rtt");
        }
        if (queue != null && bandwidth == null) {
            throw CliException.usage("--queue is in front of a limited link: give --bandwidth, too");
        }
        if (ecn && bandwidth == null) {
            throw CliException.usage("--ecn needs a queue that marks: give --bandwidth, too");
        }
        if (reorderDelay != null && reorder == 0) {
            throw CliException.usage("--reorder-delay without --reorder does nothing: give both");
        }
        if ((pcap != null || trace != null) && runs != null && runs > 1) {
            throw CliException.usage("--pcap and --trace show one transfer: leave out --runs");
        }
        List<Long> times = rtts == null ? List.of(100_000_000L) : rtts;
        List<Integer> sizes =
                buffers == null ? List.of(128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768) : buffers;
        List<Double> rates = losses == null ? List.of(0.0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3) : losses;
        if ((pcap != null || trace != null) && times.size() * sizes.size() * rates.size() != 1) {
            throw CliException.usage("--pcap and --trace show one transfer: give one --rtt, --buffers and --losses");
        }
        boolean complete = true;
        try (Looking looking = look();
                Runs<Transfer.Result> pool = pool()) {
            List<List<TransferSpec>> cells = new ArrayList<>();
            for (long rtt : times) {
                for (int size : sizes) {
                    for (double loss : rates) {
                        List<TransferSpec> transfers = transfers(spec(rtt, size, loss));
                        cells.add(transfers);
                        for (TransferSpec spec : transfers) {
                            pool.add(() -> Transfer.run(spec, looking.instruments(), pool::isCancelled));
                        }
                    }
                }
            }
            LossTable table = new LossTable(rates.stream().mapToDouble(l -> l).toArray(), congestion);
            if (csv) {
                main.console.line(LossTable.csvHeader());
            }
            int cell = 0;
            for (long rtt : times) {
                if (!csv) {
                    title(rtt);
                    main.console.line(table.header());
                }
                for (int i = 0; i < sizes.size(); i++, cell += rates.size()) {
                    complete &= row(table, cells.subList(cell, cell + rates.size()), pool);
                }
            }
        }
        if (!csv) {
            main.console.line("");
            main.console.line(explanation());
        }
        return complete ? Main.OK : Main.FAILED;
    }

    private TransferSpec spec(long rtt, int size, double loss) {
        long rate = bandwidth == null ? 0 : bandwidth;
        long wait = queue != null ? queue : Math.max(LEAST_QUEUE, (long) (rate / 8.0 * rtt / 1e9));
        long extra = reorderDelay != null ? reorderDelay : rtt / 10;
        return new TransferSpec(rtt, Sample.LEAST_BYTES, size, loss, congestion, rate, wait, reorder, extra, ecn, seed);
    }

    /** What makes a cell. */
    private List<TransferSpec> transfers(TransferSpec spec) {
        boolean one = pcap != null || trace != null;
        Sample sample = one ? new Sample(bytes == null ? Sample.LEAST_BYTES : bytes, 1) : Sample.of(spec, bytes, runs);
        return sample.transfers(spec);
    }

    private boolean row(LossTable table, List<List<TransferSpec>> cells, Runs<Transfer.Result> pool) throws Exception {
        List<TransferSpec> specs = new ArrayList<>();
        List<Transfer.Result> results = new ArrayList<>();
        boolean complete = true;
        for (List<TransferSpec> cell : cells) {
            TransferSpec spec = cell.get(0);
            Transfer.Result result = pool.next();
            for (int i = 1; i < cell.size(); i++) {
                result = result.and(pool.next());
            }
            specs.add(spec);
            results.add(result);
            complete &= result.complete();
            if (csv) {
                main.console.line(LossTable.csv(spec, result));
            }
        }
        checkRunning();
        if (!csv) {
            table.rows(specs, results).forEach(main.console::line);
            if (specs.size() == 1 || reorder > 0) {
                results.forEach(this::details);
            }
        }
        return complete;
    }

    private void details(Transfer.Result r) {
        main.console.line(String.format(
                "            %s in %.3f s%s; %d data segments, %d sent again, %d of them spurious%s; %d timeouts%s",
                Units.bytes(r.bytes()),
                r.ns() / 1e9,
                r.runs() == 1 ? "" : " (" + r.runs() + " runs)",
                r.segments(),
                r.retransmitted(),
                r.spurious(),
                r.spurious() == 0 ? "" : String.format(" (the last after %.3f s)", r.lastSpuriousNs() / 1e9),
                r.timeouts(),
                bandwidth == null ? "" : String.format("; %d dropped by the queue", r.dropped())));
    }

    private void title(long rtt) {
        StringBuilder title = new StringBuilder("one flow, RTT ")
                .append(LossTable.plain(rtt / 1e6))
                .append(" ms, ")
                .append(amount())
                .append(", ")
                .append(congestion);
        if (bandwidth != null) {
            title.append(", ")
                    .append(bits(bandwidth))
                    .append(", queue ")
                    .append(Units.bytes(spec(rtt, 1, 0).queue()));
        }
        if (reorder > 0) {
            title.append(", ")
                    .append(LossTable.percent(reorder))
                    .append(" % delayed by up to ")
                    .append(LossTable.plain(spec(rtt, 1, 0).reorderNs() / 1e6))
                    .append(" ms");
        }
        title.append(ecn ? ", ECN" : "").append(", seed ").append(seed);
        main.console.line("");
        main.console.line(title.toString());
        main.console.line("");
    }

    /** How much each cell sends. */
    private String amount() {
        boolean one = pcap != null || trace != null || congestion.equals("none");
        if (bytes == null) {
            String least = Units.bytes(Sample.LEAST_BYTES);
            String each =
                    one ? least : least + " .. " + Units.bytes(Sample.MOST_BYTES) + " for " + Sample.LOSSES + " losses";
            return runs == null || runs == 1 ? each : each + ", " + runs + " runs";
        }
        if (runs != null) {
            return Units.bytes(bytes) + (runs == 1 ? "" : ", " + runs + " runs");
        }
        return Units.bytes(bytes)
                + (one ? "" : ", up to " + Sample.MOST_RUNS + " runs for " + Sample.LOSSES + " losses");
    }

    private String explanation() {
        String what = "Bytes a second, from the first SYN to the last byte; loss in each direction.";
        if (congestion.equals("none")) {
            return what;
        }
        String function = congestion.equals("cubic") ? "RFC 9438's response function" : "Reno's response function";
        return what + "\nThe percentage is of what " + function
                + " at this loss, the buffer or the link allow, whichever\n"
                + "is least, the handshake and an ideal slow start reckoned in. It is an average over many losses: a few\n"
                + "of them may do much better or worse (--bytes, --runs).";
    }

    // --- several flows ---

    private int together() throws Exception {
        if (rtts != null) {
            throw CliException.usage("--rtt is for one flow: give --rtt-spread " + "with --flows");
        }
        if (runs != null) {
            throw CliException.usage("--runs is for one flow: leave out --flows");
        }
        if (pcap != null || reorder > 0 || reorderDelay != null) {
            throw CliException.usage("--pcap and --reorder are for one flow: leave out --flows");
        }
        if (buffers != null && buffers.size() != 1 || losses != null && losses.size() != 1) {
            throw CliException.usage("with --flows there is one buffer and one loss: give a single value");
        }
        if (trace != null && flows.size() != 1) {
            throw CliException.usage("--trace shows one run: give a single number of --flows");
        }
        boolean complete = true;
        try (Looking looking = look();
                Runs<Flows.Result> pool = pool()) {
            List<FlowsSpec> specs = new ArrayList<>();
            for (int n : flows) {
                FlowsSpec spec = spec(n);
                specs.add(spec);
                pool.add(() -> Flows.run(spec, looking.instruments(), pool::isCancelled));
            }
            if (!csv) {
                title(specs.get(0));
            }
            main.console.line(csv ? FlowsTable.csvHeader() : FlowsTable.header());
            for (FlowsSpec spec : specs) {
                Flows.Result result = pool.next();
                checkRunning();
                complete &= result.complete();
                main.console.line(csv ? FlowsTable.csv(spec, result) : FlowsTable.row(spec, result));
            }
        }
        if (!csv) {
            main.console.line("");
            main.console.line("Bytes a second; aggregate: all bytes until the last flow ends; fairness: Jain's index; "
                    + "drops: of the packets\noffered to the bottleneck; re-sent and spurious: of the data segments.");
        }
        return complete ? Main.OK : Main.FAILED;
    }

    private FlowsSpec spec(int n) {
        NetsimValues.Range range = spread == null ? new NetsimValues.Range(50_000_000, 150_000_000) : spread;
        return new FlowsSpec(
                n,
                bytes == null ? FLOW_BYTES : bytes,
                buffers == null ? FLOW_BUFFER : buffers.get(0),
                range.min(),
                range.max(),
                bandwidth == null ? 200_000_000 : bandwidth,
                queue == null ? LEAST_QUEUE : queue,
                losses == null ? 0 : losses.get(0),
                congestion,
                ecn,
                seed);
    }

    private void title(FlowsSpec s) {
        main.console.line("");
        main.console.line("flows of " + Units.bytes(s.bytes()) + " through " + bits(s.bandwidth()) + ", queue "
                + Units.bytes(s.queue()) + ", RTT " + LossTable.plain(s.minRttNs() / 1e6) + " .. "
                + LossTable.plain(s.maxRttNs() / 1e6) + " ms, buffers "
                + (s.buffer() == TransferSpec.AUTO ? "auto" : Units.bytes(s.buffer())) + ", "
                + (s.loss() > 0 ? "loss " + LossTable.percent(s.loss()) + " %, " : "") + s.congestion()
                + (s.ecn() ? ", ECN" : "") + ", seed " + s.seed());
        main.console.line("");
    }

    // --- both ---

    private <T> Runs<T> pool() {
        Runs<T> pool = new Runs<>(Runtime.getRuntime().availableProcessors());
        main.shutdown.onRequest(pool::cancel);
        return pool;
    }

    private void checkRunning() throws CliException {
        if (main.shutdown.isRequested()) {
            throw CliException.failed("interrupted: the table is not complete");
        }
    }

    /** The files that are written besides. */
    private record Looking(PcapngWriter capture, TcpTraceCsv csv, Console console) implements AutoCloseable {
        Instruments instruments() {
            return new Instruments(capture, csv);
        }

        @Override
        public void close() {
            TraceOutput.close(csv, console);
            if (capture != null) {
                capture.close();
            }
        }
    }

    private Looking look() throws CliException {
        TcpTraceCsv events = trace == null ? null : TraceOutput.open(trace);
        return new Looking(capture(), events, main.console);
    }

    private PcapngWriter capture() throws CliException {
        if (pcap == null) {
            return null;
        }
        try {
            return new PcapngWriter(
                    FileChannel.open(
                            pcap,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING),
                    SNAP_LENGTH);
        } catch (IOException e) {
            throw CliException.failed("cannot write the capture " + pcap + ": choose another --pcap file");
        }
    }

    private static String bits(long bitsPerSecond) {
        return Units.rate(bitsPerSecond, 8_000_000_000L);
    }
}
