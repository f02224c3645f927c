package dev.penstock.conformance.matrix;

import dev.penstock.conformance.kernel.CaptureCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Transfers with a Linux kernel in many combinations of its settings, ours, and what the network does: {@link
 * Dimension}. Prints a line for each cell and, for one that fails, why and how to run it again; exit code 1 then.
 */
public final class KernelMatrix {
    static final String USAGE =
            """
            usage: kernel-matrix [--cells N] [--seed N] [--full] [--minutes N] [--bytes N] [--jobs N] [--limit SECONDS]
                                 [--captures N] [--only CELL[ CELL...]] [--keep DIRECTORY] [--family 4|6] [--verbose]
              --cells N    how many cells: those that cover all pairs of values first, then any; 60 unless told
              --full       any number of cells, for 15 minutes, or as many as --minutes says
              --only       these cells, as the table shows them
              --family N   4 or 6: connections over IPv4, or IPv6, alone; over either unless told
              --captures N every so manyth cell is captured and checked by tshark; 5 unless told, 0 for none
              --keep       where captures of cells that failed, or of --only, are left; target/matrix unless told
            """;

    int cells = 60;
    long seed = System.nanoTime() % 1_000_000;
    int bytes = Cell.DEFAULT_BYTES;
    int jobs = 2;
    int minutes;
    int limitSeconds = 120;
    int captures = 5;
    boolean verbose;
    /** "4" or "6", or null for either. */
    String family;

    Path keep = Path.of("target/matrix");
    final List<Cell> only = new ArrayList<>();

    /** Where lines go. */
    Consumer<String> out = System.out::println;

    private final List<CellResult> failed = new ArrayList<>();
    private int ran;
    private long retransmissions;

    /** See {@link #USAGE}. */
    public static void main(String[] args) throws Exception {
        KernelMatrix matrix = new KernelMatrix();
        try {
            matrix.parse(args);
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            System.err.println("kernel-matrix: " + e.getMessage() + "\n" + USAGE);
            System.exit(2);
        }
        System.exit(matrix.run().isEmpty() ? 0 : 1);
    }

    private void parse(String[] args) {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--cells" -> cells = Integer.parseInt(args[++i]);
                case "--seed" -> seed = Long.parseLong(args[++i]);
                case "--full" -> minutes = Math.max(minutes, 15);
                case "--minutes" -> minutes = Integer.parseInt(args[++i]);
                case "--bytes" -> bytes = Integer.parseInt(args[++i]);
                case "--jobs" -> jobs = Integer.parseInt(args[++i]);
                case "--limit" -> limitSeconds = Integer.parseInt(args[++i]);
                case "--captures" -> captures = Integer.parseInt(args[++i]);
                case "--keep" -> keep = Path.of(args[++i]);
                case "--family" -> {
                    family = args[++i];
                    new CellChoice(seed, bytes).any().with(Dimension.FAMILY, family);
                }
                case "--verbose" -> verbose = true;
                case "--only" -> {
                    for (String text : args[++i].strip().split("\\s+", -1)) {
                        only.add(Cell.parse(text));
                    }
                }
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
    }

    /** Runs what is asked for; the cells that failed. */
    List<CellResult> run() throws Exception {
        out.accept(String.format("%,d combinations; --seed %d", CellChoice.combinations(), seed));
        out.accept(String.format("%-22s | kernel              | stack%n%s", "", CellResult.HEADER));
        long began = System.nanoTime();
        if (only.isEmpty()) {
            choose(began);
        } else {
            runAll(only);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        out.accept(String.format("%d cells, %d failed, in %.0f s", ran, failed.size(), seconds));
        return failed;
    }

    private void choose(long began) throws Exception {
        CellChoice choice = new CellChoice(seed, bytes);
        List<Cell> next = choice.pairwise();
        int most = minutes > 0 ? Integer.MAX_VALUE : cells;
        long deadline = minutes > 0 ? began + TimeUnit.MINUTES.toNanos(minutes) : Long.MAX_VALUE;
        Set<Cell> seen = new HashSet<>();
        while (ran < most && System.nanoTime() < deadline) {
            runAll(next.subList(0, Math.min(next.size(), most - ran)));
            next = new ArrayList<>();
            while (next.size() < 4 * jobs) {
                Cell cell = choice.any();
                if (seen.add(cell)) {
                    next.add(cell);
                }
            }
        }
    }

    private void runAll(List<Cell> list) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(jobs);
        try {
            List<Future<CellResult>> results = new ArrayList<>();
            for (Cell chosen : list) {
                Cell cell = family == null ? chosen : chosen.with(Dimension.FAMILY, family);
                boolean check =
                        captures > 0 && (ran + results.size()) % captures == 0 && cell.is(Dimension.CORRUPT, "0");
                results.add(pool.submit(() -> runOne(cell, check || !only.isEmpty())));
            }
            for (Future<CellResult> future : results) {
                CellResult result = future.get();
                ran++;
                report(result);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** How many cells ran. */
    int ran() {
        return ran;
    }

    /** Of both sides, in all cells. */
    long retransmissions() {
        return retransmissions;
    }

    private void report(CellResult result) {
        retransmissions += result.retransmissions();
        out.accept(result.line());
        if (verbose) {
            out.accept("      kernel " + result.kernel() + "\n      stack " + result.stack());
            out.accept("      " + result.waste());
        }
        if (!result.isOk()) {
            failed.add(result);
            result.complaints().forEach(complaint -> out.accept("      " + complaint));
            out.accept("      again: conformance/kernel-matrix --only '" + result.cell() + "'");
        }
    }

    private CellResult runOne(Cell cell, boolean check) throws Exception {
        Files.createDirectories(keep);
        Path capture = keep.resolve(cell.toString().replace(',', ' ').replace('=', '-') + ".pcapng");
        CellResult result = CellRun.run(cell, limitSeconds, capture);
        if (check && cell.is(Dimension.CORRUPT, "0")) {
            List<String> complaints = new ArrayList<>(result.complaints());
            complaints.addAll(findings(cell, capture));
            result = new CellResult(cell, complaints, result.ns(), result.kernel(), result.stack(), result.waste());
        }
        if (result.isOk() && only.isEmpty()) {
            Files.delete(capture);
        }
        return result;
    }

    /** What tshark finds in a capture that no lossy network explains. */
    private static List<String> findings(Cell cell, Path capture) throws IOException, InterruptedException {
        List<String> complaints = new ArrayList<>();
        for (Map.Entry<String, Integer> finding : CaptureCheck.findings(capture).entrySet()) {
            if (!MatrixFindings.isAllowed(finding.getKey(), cell)) {
                complaints.add("tshark: " + finding.getKey() + ", " + finding.getValue() + " times");
            }
        }
        return complaints;
    }
}
