package dev.penstock.conformance.matrix;

import dev.penstock.conformance.kernel.KernelLink;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.StackBuilder;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.Impairment;
import dev.penstock.stack.device.ImpairmentSide;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs one {@link Cell}: a namespace, a TAP device, an impairment, a stack and one connection of their own. */
public final class CellRun {
    private static final int PORT = 7777;
    private static final int CONNECT_MS = 30_000;
    private static final int ROUTER_QUEUE = 64;
    private static final long MS = 1_000_000L;

    private final Cell cell;
    private final List<String> complaints = new ArrayList<>();
    private final TapWatch rules = new TapWatch();

    private CellRun(Cell cell) {
        this.cell = cell;
    }

    /**
     * Runs {@code cell}.
     *
     * @param limitSeconds how long its connection may take
     * @param capture where to write the frames as the stack sees them, or null
     */
    public static CellResult run(Cell cell, int limitSeconds, Path capture) throws Exception {
        CellRun run = new CellRun(cell);
        KernelLink.Setup setup = new KernelLink.Setup()
                .vnetHeader(false)
                .services(false)
                .stack(run::configure)
                .decorator(run::impair);
        try (KernelLink link = (capture == null ? setup : setup.capture(capture)).open()) {
            return run.run(link, limitSeconds);
        }
    }

    private void configure(StackBuilder builder) {
        if (cell.is(Dimension.FAMILY, "6")) {
            builder.address(KernelSide.STACK_V6 + "/64");
            // The impairment would lose packets of duplicate detection, too, and of what is asked while it lasts.
            builder.config().ip.dadTransmits = 0;
        }
        builder.config().tcp.timestamps = cell.on(Dimension.OUR_TS);
        TcpOptions options = new TcpOptions();
        options.congestion = cell.get(Dimension.OUR_CC);
        builder.tcpOptions(options);
        builder.config().tcp.ecn = switch (cell.get(Dimension.OUR_ECN)) {
            case "0" -> TcpEcn.OFF;
            case "1" -> TcpEcn.ON;
            default -> TcpEcn.PASSIVE;
        };
        builder.config().tcp.sack = cell.on(Dimension.OUR_SACK);
        builder.config().tcp.windowScaling = cell.on(Dimension.OUR_SCALING);
    }

    private BlockingDevice impair(BlockingDevice tap) {
        Impairment impairment = Impairment.over(
                new MarkingDevice(tap, RandomSource.seeded(~cell.seed()), cell.probability(Dimension.MARK)),
                RandomSource.seeded(cell.seed()));
        impair(impairment.transmit());
        impair(impairment.receive());
        return new TimedImpairment(impairment, rules);
    }

    private void impair(ImpairmentSide side) {
        long mbits = Long.parseLong(cell.get(Dimension.RATE));
        if (mbits > 0) {
            side.queue(ROUTER_QUEUE).rate(mbits * 1_000_000);
        }
        side.loss(cell.probability(Dimension.LOSS))
                .delay(Long.parseLong(cell.get(Dimension.DELAY)) * MS, 0)
                .reorder(cell.probability(Dimension.REORDER), 3)
                .duplicate(cell.probability(Dimension.DUPLICATE))
                .corrupt(cell.probability(Dimension.CORRUPT));
    }

    private CellResult run(KernelLink link, int limitSeconds) throws Exception {
        KernelSide kernel = new KernelSide(link);
        kernel.apply(cell);
        long began = System.nanoTime();
        try {
            connect(link, kernel, limitSeconds * 1_000_000_000L);
        } catch (IOException e) {
            complaints.add("no connection: " + e);
        }
        long ns = System.nanoTime() - began;
        link.unfinished(20).forEach(line -> complaints.add("left by the kernel: " + line));
        Map<String, Long> counters = kernel.counters();
        link.stop();
        judge(link, counters);
        return new CellResult(
                cell,
                complaints,
                ns,
                counters,
                counters(link.stack().counters()),
                rules.rules().waste());
    }

    private void connect(KernelLink link, KernelSide kernel, long limitNs) throws Exception {
        if (cell.is(Dimension.OPENER, "kernel")) {
            try (TcpListener listener = link.stack().listen(PORT)) {
                listener.setSoTimeout(CONNECT_MS);
                Socket peer = link.onKernel(() -> {
                    Socket socket = new Socket();
                    socket.connect(new InetSocketAddress(KernelSide.stack(cell), PORT), CONNECT_MS);
                    return socket;
                });
                exchange(kernel, peer, listener.accept(), limitNs);
            }
            return;
        }
        ServerSocket server = link.onKernel(() -> {
            ServerSocket s = new ServerSocket();
            s.bind(new InetSocketAddress(KernelSide.kernel(cell), PORT));
            return s;
        });
        try (server) {
            server.setSoTimeout(CONNECT_MS);
            TcpSocket socket = link.stack().connect(KernelSide.kernel(cell), PORT, CONNECT_MS);
            exchange(kernel, server.accept(), socket, limitNs);
        }
    }

    private void exchange(KernelSide kernel, Socket peer, TcpSocket ours, long limitNs) throws Exception {
        Exchange exchange = new Exchange(cell, End.of(peer), End.of(ours));
        complaints.addAll(exchange.run(() -> compare(kernel, ours), limitNs));
    }

    private void compare(KernelSide kernel, TcpSocket ours) {
        try {
            TcpInfo before = ours.info();
            Map<String, String> told = kernel.connection();
            complaints.addAll(Agreement.complaints(cell, before, told, ours.info()));
        } catch (IOException e) {
            complaints.add("cannot compare: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void judge(KernelLink link, Map<String, Long> kernel) {
        link.faults().forEach(fault -> complaints.add("fault: " + fault));
        String leaks = link.stack().leaks();
        if (!leaks.isEmpty()) {
            complaints.add("leaks: " + leaks);
        }
        Counters ours = link.stack().counters();
        List<StackCounter> never =
                List.of(StackCounter.SHARD_FAULTS, StackCounter.APPLICATION_FAULTS, StackCounter.TCP_ESTAB_RESETS);
        never.forEach(counter -> zero("our " + counter, ours.get(counter)));
        // What the kernel thinks of our segments.
        for (String counter : List.of(
                "TcpExtTCPSACKReneging",
                "TcpEstabResets",
                "TcpExtTCPAbortOnData",
                "TcpExtTCPAbortOnTimeout",
                "TcpExtTCPAbortOnClose")) {
            zero("the kernel's " + counter, kernel.getOrDefault(counter, 0L));
        }
        if (cell.is(Dimension.REORDER, "0")) {
            // Invalid blocks; and D-SACKs for which the kernel has sent nothing twice: the network did (dup).
            long dubious = kernel.getOrDefault("TcpExtTCPDSACKIgnoredDubious", 0L);
            long discarded = kernel.getOrDefault("TcpExtTCPSACKDiscard", 0L);
            zero("the kernel's TcpExtTCPSACKDiscard", Math.max(0, discarded - dubious));
        }
        atMost(ours.get(StackCounter.TCP_OUT_RSTS), "resets of ours", kernel.getOrDefault("TcpRetransSegs", 0L));
        // Each late copy that our TIME-WAIT acknowledges finds no connection any more.
        atMost(
                kernel.getOrDefault("TcpOutRsts", 0L),
                "resets of the kernel's",
                kernel.getOrDefault("TcpRetransSegs", 0L));
        if (cell.is(Dimension.CORRUPT, "0")) {
            // Our SYN-ACK, sent again or doubled, is counted among these, too.
            long errors = kernel.getOrDefault("TcpInErrs", 0L) - kernel.getOrDefault("TcpExtTCPSYNChallenge", 0L);
            zero("the kernel's TcpInErrs", errors);
            zero("the kernel's TcpInCsumErrors", kernel.getOrDefault("TcpInCsumErrors", 0L));
            zero("our TCP_BAD_CHECKSUM", ours.get(DropReason.TCP_BAD_CHECKSUM));
            zero("our IPV4_BAD_CHECKSUM", ours.get(DropReason.IPV4_BAD_CHECKSUM));
        }
        complaints.addAll(rules.rules().broken());
        zero("our DEVICE_ERROR", ours.get(DropReason.DEVICE_ERROR));
    }

    /** A late copy of the last acknowledgment finds no connection where LAST-ACK has ended, and is answered by a reset. */
    private void atMost(long resets, String what, long retransmissions) {
        if (resets > (cell.isClean() ? 0 : 3 + retransmissions)) {
            complaints.add(resets + " " + what);
        }
    }

    private void zero(String what, long value) {
        if (value != 0) {
            complaints.add(what + " is " + value);
        }
    }

    private static Map<String, Long> counters(Counters counters) {
        Map<String, Long> map = new TreeMap<>();
        for (StackCounter c : StackCounter.values()) {
            if (counters.get(c) != 0) {
                map.put(c.name(), counters.get(c));
            }
        }
        for (DropReason r : DropReason.values()) {
            if (counters.get(r) != 0) {
                map.put("drop." + r.name(), counters.get(r));
            }
        }
        return map;
    }
}
