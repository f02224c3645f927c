package dev.penstock.conformance.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One run of Jazzer in a process of its own: it instruments classes as they are loaded, and ends its JVM. */
final class Jazzer {
    private static final Pattern UNITS = Pattern.compile("stat::number_of_executed_units: +(\\d+)");
    private static final Pattern COVERAGE = Pattern.compile("cov: (\\d+) ft: (\\d+) corp: (\\d+)/");
    private static final int UNSAFE_WARNS_FROM = 24;
    private static final int AGENTS_WARN_FROM = 21;

    /**
     * What came of it.
     *
     * @param inputs that were executed
     * @param edges of the control flow that they covered
     * @param features that, with how often each edge was taken
     * @param crashes files of inputs that failed
     * @param log everything that Jazzer said
     */
    record Outcome(long inputs, long edges, long features, List<Path> crashes, Path log, int exitCode) {}

    private final String classPath;
    private final Path directory;
    private final String target;
    private final List<String> options = new ArrayList<>();
    private final List<String> jvmOptions = new ArrayList<>();

    /**
     * @param directory where it works and leaves what it finds
     * @param target a target's name, or "all"
     */
    Jazzer(String classPath, Path directory, String target) {
        this.classPath = classPath;
        this.directory = directory;
        this.target = target;
    }

    /** One more option of libFuzzer's, or a directory with inputs. */
    Jazzer with(String option) {
        options.add(option);
        return this;
    }

    /** It is to be over in seconds: then compiling well is not worth it. */
    Jazzer shortly() {
        jvmOptions.add("-XX:TieredStopAtLevel=1");
        return this;
    }

    /** Runs it, for at most {@code seconds}. */
    Outcome run(long seconds) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path log = directory.resolve("log.txt");
        List<Path> before = crashes();
        Process process = new ProcessBuilder(command())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread end = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(end);
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new IOException("Jazzer did not end within " + seconds + " s: see " + log);
            }
        } finally {
            process.destroyForcibly();
            Runtime.getRuntime().removeShutdownHook(end);
        }
        List<Path> crashes = crashes();
        crashes.removeAll(before);
        String text = Files.readString(log, StandardCharsets.ISO_8859_1);
        return new Outcome(
                last(UNITS, text, 1),
                last(COVERAGE, text, 1),
                last(COVERAGE, text, 2),
                crashes,
                log,
                process.exitValue());
    }

    private List<String> command() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java, "-XX:+UseSerialGC", "-Xmx1g"));
        command.addAll(jvmOptions);
        command.add("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");
        if (Runtime.version().feature() >= AGENTS_WARN_FROM) {
            command.add("-XX:+EnableDynamicAgentLoading");
        }
        if (Runtime.version().feature() >= UNSAFE_WARNS_FROM) {
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", classPath, "com.code_intelligence.jazzer.Jazzer"));
        command.add("--target_class=" + JazzerEntry.class.getName());
        command.add("--target_args=" + target);
        command.add("--instrumentation_includes=dev.penstock.**");
        // Its detectors look for injections into databases and the like; the targets know what is wrong here.
        command.add("--disabled_hooks=*");
        command.add("--custom_hook_excludes=**");
        command.add("--reproducer_path=" + directory);
        command.addAll(List.of("-print_final_stats=1", "-len_control=0", "-rss_limit_mb=3072", "-timeout=60"));
        command.addAll(options);
        return command;
    }

    private List<Path> crashes() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return new ArrayList<>(files.filter(Jazzer::isFinding).sorted().toList());
        }
    }

    private static boolean isFinding(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("crash-") || name.startsWith("timeout-") || name.startsWith("oom-");
    }

    private static long last(Pattern pattern, String text, int group) {
        Matcher matcher = pattern.matcher(text);
        long value = 0;
        while (matcher.find()) {
            value = Long.parseLong(matcher.group(group));
        }
        return value;
    }
}
