package dev.penstock.conformance.requirements;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * "Holds" means that the test fails when the behaviour is broken: breaks it, as {@link Break} says, and looks whether it does.
 * Compiles the one changed file and runs the tests of the row, in this process, with class loaders of their own.
 *
 * <pre>{@code SeenToFail ROOT CLASS_PATH [RFC5961 | RFC5961:3.2-1]...}</pre>
 */
public final class SeenToFail {
    private static final String SOURCES = "stack/src/main/java/dev/penstock/stack/";
    private static final long PATIENCE_MS = 60_000;
    /** From the program's own class path: what runs the tests must not be loaded twice. */
    private static final List<String> SHARED =
            List.of("org.junit.", "org.opentest4j.", "org.apiguardian.", "net.jqwik.");

    private final Path root;
    private final String classPath;
    private final Map<String, List<TestMethod>> tests;
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Set<String> seen = new TreeSet<>();
    private final Set<String> missed = new TreeSet<>();
    private int troubles;
    private final PrintStream out;

    private SeenToFail(Path root, String classPath, PrintStream out) throws IOException {
        this.root = root;
        this.out = out;
        this.classPath = classPath;
        this.tests = TestSources.scan(root).stream().collect(Collectors.groupingBy(TestMethod::shortName));
        for (RequirementList list : Matrix.read(root).lists()) {
            list.rows().forEach(row -> rows.put(list.name() + ":" + row.id(), row));
        }
    }

    /** Exit code 0 when every break was noticed by every row that it names. */
    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        SeenToFail run = new SeenToFail(Path.of(args[0]), args[1], out);
        // What tests and engines print is of no use to anybody here.
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        System.exit(run.all(List.of(args).subList(2, args.length)) ? 0 : 1);
    }

    private boolean all(List<String> only) throws Exception {
        Set<String> tried = new TreeSet<>();
        for (Break b : Break.read(root)) {
            List<String> chosen = b.rows().stream()
                    .filter(id -> only.isEmpty() || only.contains(id) || only.contains(id.replaceAll(":.*", "")))
                    .toList();
            if (!chosen.isEmpty()) {
                tried.addAll(chosen);
                one(b, chosen);
            }
        }
        seen.removeAll(missed);
        summary(tried);
        return missed.isEmpty() && troubles == 0;
    }

    private void summary(Set<String> tried) {
        Map<String, int[]> lists = new TreeMap<>();
        rows.forEach((id, row) -> {
            int[] n = lists.computeIfAbsent(id.replaceAll(":.*", ""), k -> new int[2]);
            n[0] += row.status() == Status.HELD ? 1 : 0;
            n[1] += seen.contains(id) ? 1 : 0;
        });
        lists.forEach((list, n) -> {
            if (tried.stream().anyMatch(id -> id.startsWith(list + ":"))) {
                out.printf("%-10s %3d of %3d rows with tests were seen to fail%n", list, n[1], n[0]);
            }
        });
        out.printf(
                "%d rows seen to fail, %d not noticed %s, %d breaks in trouble%n",
                seen.size(), missed.size(), missed, troubles);
    }

    private void one(Break b, List<String> chosen) throws Exception {
        Path file = root.resolve(SOURCES + b.file());
        String changed = Files.exists(file) ? b.apply(Files.readString(file)) : null;
        if (changed == null) {
            trouble(b, "its text is not in " + b.file() + " exactly once: the code has changed, change the break, too");
            return;
        }
        Path overlay = Files.createTempDirectory("penstock-broken-");
        try {
            String errors = compile(b, changed, overlay);
            if (!errors.isEmpty()) {
                trouble(b, "it does not compile: " + errors.lines().limit(3).collect(Collectors.joining(" | ")));
                return;
            }
            for (String id : chosen) {
                row(b, id, overlay);
            }
        } finally {
            try (var files = Files.walk(overlay)) {
                files.sorted((x, y) -> y.compareTo(x)).forEach(f -> f.toFile().delete());
            }
        }
    }

    private void trouble(Break b, String what) {
        troubles++;
        out.println("TROUBLE " + Break.FILE + ":" + b.line() + " " + b.rows() + ": " + what);
    }

    private String compile(Break b, String changed, Path overlay) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Path source = Files.createDirectories(overlay.resolve("src"))
                .resolve(Path.of(b.file()).getFileName());
        Files.writeString(source, changed);
        StringWriter errors = new StringWriter();
        List<String> options = List.of(
                "-proc:none",
                "-nowarn",
                "--release",
                "17",
                "-cp",
                classPath,
                "-d",
                overlay.toString(),
                "-implicit:none");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean good = compiler.getTask(errors, files, null, options, null, files.getJavaFileObjects(source))
                    .call();
            return good ? "" : errors.toString();
        }
    }

    private void row(Break b, String id, Path overlay) throws Exception {
        Row row = rows.get(id);
        if (row == null || row.tests().isEmpty()) {
            trouble(b, "there is no row " + id + " with a test");
            return;
        }
        long began = System.nanoTime();
        String how = failure(row, overlay);
        long ms = (System.nanoTime() - began) / 1_000_000;
        (how == null ? missed : seen).add(id);
        out.printf(
                "%-7s %s, %s: %s, %d ms%n",
                how == null ? "MISSED" : "seen", id, b.file(), how == null ? row.tests() : how, ms);
    }

    /** What failed, or null. */
    private String failure(Row row, Path overlay) throws Exception {
        List<TestMethod> methods = tests.values().stream()
                .flatMap(List::stream)
                .filter(m -> row.tests().contains(m.shortName()) || row.tests().contains(m.fullName()))
                .toList();
        AtomicReference<String> result = new AtomicReference<>();
        AtomicReference<Throwable> broken = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                result.set(run(methods, overlay));
            } catch (Exception | LinkageError e) {
                broken.set(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        thread.join(PATIENCE_MS);
        if (broken.get() != null) {
            throw new IllegalStateException(methods.toString(), broken.get());
        }
        return thread.isAlive() ? "no end within " + PATIENCE_MS / 1000 + " s" : result.get();
    }

    private String run(List<TestMethod> methods, Path overlay) throws Exception {
        try (Loader loader = new Loader(overlay, classPath)) {
            Thread.currentThread().setContextClassLoader(loader);
            List<DiscoverySelector> selectors = new ArrayList<>();
            for (TestMethod m : methods) {
                Class<?> c = loader.loadClass(m.className());
                if (m.method().isEmpty()) {
                    selectors.add(selectClass(c));
                } else {
                    // A test may take arguments: all methods of that name are meant.
                    Arrays.stream(c.getDeclaredMethods())
                            .filter(d -> d.getName().equals(m.method()) && !d.isSynthetic())
                            .forEach(d -> selectors.add(selectMethod(c, d)));
                }
            }
            SummaryGeneratingListener listener = new SummaryGeneratingListener();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectors)
                                    .configurationParameter(
                                            "jqwik.database",
                                            overlay.resolve("jqwik").toString())
                                    .build(),
                            listener);
            TestExecutionSummary summary = listener.getSummary();
            if (summary.getTestsStartedCount() == 0) {
                throw new IllegalStateException("no test ran");
            }
            return summary.getFailures().isEmpty()
                    ? null
                    : tell(summary.getFailures().get(0));
        }
    }

    private static String tell(TestExecutionSummary.Failure failure) {
        String message = String.valueOf(failure.getException().getMessage()).replaceAll("\\s+", " ");
        return failure.getTestIdentifier().getDisplayName() + ": "
                + message.substring(0, Math.min(100, message.length()));
    }

    /** The broken class, then the stack and its tests; JUnit from the program. */
    private static final class Loader extends java.net.URLClassLoader {
        Loader(Path overlay, String classPath) throws MalformedURLException {
            super(urls(overlay, classPath), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] urls(Path overlay, String classPath) throws MalformedURLException {
            List<URL> urls = new ArrayList<>();
            urls.add(overlay.toUri().toURL());
            for (String entry : classPath.split(":", -1)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            return SHARED.stream().anyMatch(name::startsWith)
                    ? SeenToFail.class.getClassLoader().loadClass(name)
                    : super.loadClass(name, resolve);
        }
    }
}
