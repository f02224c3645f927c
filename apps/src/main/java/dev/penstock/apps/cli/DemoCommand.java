package dev.penstock.apps.cli;

import dev.penstock.tap.NativeBinding;
import dev.penstock.tap.NetNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** Shows the stack at work: the kernel's own tools talk to it. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Shows the stack at work, touching nothing of this machine.",
            "As root, or where users may have network namespaces and /dev/net/tun is open to them, it makes a network "
                    + "namespace with a TAP interface in it, runs the stack there, and lets the kernel's ping and curl "
                    + "fetch a file from it. Elsewhere two stacks do the same over a wire in memory."
        },
        footer = {"", "Exit code: 0 when everything worked, 1 when not."})
final class DemoCommand implements Callable<Integer> {
    private static final String UNSHARED = "PENSTOCK_UNSHARED";

    private static final String TRAINING = "PENSTOCK_TRAINING";

    @ParentCommand
    private Main main;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "256M",
            converter = SizeConverter.class,
            description = "Bytes of the file, as 64K, 100M or 1G (default ${DEFAULT-VALUE}).")
    private long size;

    @Option(names = "--in-memory", description = "Two stacks over a wire in memory, even if a TAP could be had.")
    private boolean inMemory;

    @Option(names = "--pcap", paramLabel = "FILE", description = "Capture all frames on the TAP interface as pcapng.")
    private Path pcap;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Write what happens to the TCP connections as CSV, for 'penstock trace plot'.")
    private Path trace;

    @Option(
            names = "--native",
            paramLabel = "jnr|jna",
            defaultValue = "jnr",
            converter = TapOptions.BindingConverter.class,
            description = "The library that makes system calls (default ${DEFAULT-VALUE}).")
    private NativeBinding binding;

    static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                return Units.parseBytes(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws Exception {
        if (inMemory && pcap != null) {
            throw CliException.usage(
                    "--pcap captures the TAP interface, which --in-memory does without: leave one out");
        }
        DemoReport report = new DemoReport(main.console);
        report.title();
        if (System.getenv(TRAINING) != null) {
            // The launcher records which classes are needed: those of the native binding are among them.
            NetNamespace.privilege();
        }
        if (inMemory) {
            return inMemory(report, "as --in-memory asks");
        }
        NetNamespace.Probe probe = NetNamespace.privilege();
        switch (probe.privilege()) {
            case ROOT_OK -> {
                try (DemoFile file = makeFile(report)) {
                    return new KernelDemo(main, report, file).run(binding, pcap, trace);
                }
            }
            case NEEDS_REEXEC_UNSHARE -> {
                if (System.getenv(UNSHARED) == null) {
                    return again();
                }
                return inMemory(report, "no TAP interface here: " + probe.reason());
            }
            default -> {
                return inMemory(report, "no TAP interface here: " + probe.reason());
            }
        }
    }

    private DemoFile makeFile(DemoReport report) throws IOException, CliException {
        report.setting("file", Units.bytes(size) + " of random bytes");
        return DemoFile.create(size);
    }

    private int inMemory(DemoReport report, String why) throws Exception {
        try (DemoFile file = makeFile(report)) {
            return new MemoryDemo(main, report, file).run(why, trace);
        }
    }

    /** A running JVM cannot enter a user namespace, so the same command runs once more inside one. */
    private int again() throws IOException, InterruptedException {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> command = new ArrayList<>(List.of("unshare", "-Urn"));
        command.add(self.command().orElseThrow(() -> new IOException("cannot find out how this process was started")));
        command.addAll(List.of(self.arguments().orElse(new String[0])));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put(UNSHARED, "1");
        Process child = builder.start();
        main.shutdown.onRequest(child::destroy);
        return child.waitFor();
    }

    /** True in the second process, which is in a user namespace. */
    static boolean isUnshared() {
        return System.getenv(UNSHARED) != null;
    }
}
