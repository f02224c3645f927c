package dev.penstock.conformance.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code conformance/fuzz}: see there for its command line. */
public final class FuzzRun {
    private static final int KEPT = 150;
    private static final int LONGEST_KEPT = 600;

    private final List<Target> targets = new ArrayList<>();
    private final Path home;
    private final Path work;
    private double minutes = 10;
    private long seed = 1;
    private boolean merge;

    private FuzzRun(Path home) {
        this.home = home;
        this.work = home.resolve("target/fuzz");
    }

    /** The first argument is the directory of the module. Exit code 0 if nothing was found, 1 if something, 2 for misuse. */
    public static void main(String[] args) throws Exception {
        try {
            System.exit(new FuzzRun(Path.of(args[0])).run(Arrays.asList(args).subList(1, args.length)));
        } catch (IllegalArgumentException e) {
            System.err.println("fuzz: " + e.getMessage());
            System.exit(2);
        }
    }

    private int run(List<String> args) throws Exception {
        for (int i = 0; i < args.size(); i++) {
            switch (args.get(i)) {
                case "--minutes" -> minutes = Double.parseDouble(value(args, ++i));
                case "--seed" -> seed = Long.parseLong(value(args, ++i));
                case "--merge" -> merge = true;
                case "--replay" -> {
                    return replay(Target.of(value(args, i + 1)), value(args, i + 2));
                }
                case "--list" -> {
                    return list();
                }
                default -> targets.add(Target.of(args.get(i)));
            }
        }
        List<Target> all = targets.isEmpty() ? List.of(Target.values()) : targets;
        int failures = 0;
        for (Target target : all) {
            failures += merge ? merge(target) : fuzz(target);
        }
        return failures == 0 ? 0 : 1;
    }

    private static String value(List<String> args, int i) {
        if (i >= args.size()) {
            throw new IllegalArgumentException(args.get(args.size() - 1) + " needs a value");
        }
        return args.get(i);
    }

    private int list() throws IOException {
        for (Target target : Target.values()) {
            int kept = Corpus.read(Corpus.file(home.resolve("corpus"), target)).size();
            System.out.printf("%-14s %d inputs in the corpus%n", target.id(), kept);
        }
        return 0;
    }

    private static int replay(Target target, String input) throws IOException {
        try {
            target.run(Corpus.input(input));
            System.out.println("ok    " + target.id());
            return 0;
        } catch (Throwable t) {
            System.out.println("FAIL  " + target.id() + ": " + t);
            t.printStackTrace(System.out);
            return 1;
        }
    }

    private int fuzz(Target target) throws Exception {
        Path directory = work.resolve(target.id());
        long seconds = Math.max(1, Math.round(minutes * 60));
        long began = System.nanoTime();
        Jazzer.Outcome o = new Jazzer(System.getProperty("java.class.path"), directory, target.id())
                .with("--keep_going=20")
                .with("-max_len=" + target.mostBytes())
                .with("-seed=" + seed)
                .with("-max_total_time=" + seconds)
                .with(found(target).toString())
                .with(seeds(target).toString())
                .run(seconds + 300);
        double took = (System.nanoTime() - began) / 1e9;
        // Jazzer's own exit code tells of findings, too; anything else that is not 0 is a run that did not happen.
        boolean good = o.crashes().isEmpty() && o.exitCode() == 0 && o.inputs() > 0;
        System.out.printf(
                Locale.ROOT,
                "%s  %-14s seed %d: %,d inputs in %.0f s, %,.0f a second; %,d edges, %,d features; %d crashes%n",
                good ? "ok  " : "FAIL",
                target.id(),
                seed,
                o.inputs(),
                took,
                o.inputs() / took,
                o.edges(),
                o.features(),
                o.crashes().size());
        for (Path crash : o.crashes()) {
            System.out.println("      conformance/fuzz --replay " + target.id() + " " + crash);
        }
        if (!good && o.crashes().isEmpty()) {
            System.out.println("      Jazzer ended with " + o.exitCode() + ": see " + o.log());
        }
        return good ? 0 : 1;
    }

    /** Where what was found goes; it stays from run to run. */
    private Path found(Target target) throws IOException {
        return Files.createDirectories(work.resolve(target.id()).resolve("found"));
    }

    /** The corpus as files, as libFuzzer wants it. */
    private Path seeds(Target target) throws IOException {
        Path seeds = Files.createDirectories(work.resolve(target.id()).resolve("seeds"));
        unpack(Corpus.read(Corpus.file(home.resolve("corpus"), target)), seeds);
        return seeds;
    }

    static void unpack(List<byte[]> inputs, Path into) throws IOException {
        for (byte[] input : inputs) {
            String name = HexFormat.of().toHexDigits(Arrays.hashCode(input)) + "-" + input.length;
            Files.write(into.resolve(name), input);
        }
    }

    /** Keeps the least of corpus and findings that covers as much. */
    private int merge(Target target) throws Exception {
        Path directory = work.resolve(target.id());
        Path least = directory.resolve("least");
        delete(least);
        Files.createDirectories(least);
        Jazzer.Outcome o = new Jazzer(System.getProperty("java.class.path"), directory, target.id())
                .with("-set_cover_merge=1")
                .with("-max_len=" + target.mostBytes())
                .with(least.toString())
                .with(seeds(target).toString())
                .with(found(target).toString())
                .run(3_600);
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(least)) {
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        inputs.sort(Comparator.<byte[]>comparingInt(b -> b.length).thenComparing(Arrays::compare));
        List<byte[]> kept =
                inputs.stream().filter(b -> b.length <= LONGEST_KEPT).collect(Collectors.toCollection(ArrayList::new));
        // The longest exercise most: of too many they stay.
        kept = kept.subList(Math.max(0, kept.size() - KEPT), kept.size());
        if (kept.isEmpty()) {
            System.out.println("FAIL  " + target.id() + ": nothing is left, see " + o.log());
            return 1;
        }
        Corpus.write(Corpus.file(home.resolve("corpus"), target), kept);
        System.out.printf("ok    %-14s %d inputs, %d of them kept%n", target.id(), inputs.size(), kept.size());
        return 0;
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(FuzzRun::deleteFile);
        }
    }

    private static void deleteFile(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
