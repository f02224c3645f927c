package dev.penstock.conformance.packetdrill;

import dev.penstock.apps.cli.Verb;
import dev.penstock.conformance.packetdrill.ScriptBatch.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code penstock packetdrill}: scripts of the packetdrill language against this stack, in virtual time. */
@Command(
        name = "packetdrill",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {
            "Runs scripts of the packetdrill language against this stack, in virtual time: as fast as it computes, and the "
                    + "same each time; or against the Linux kernel, in real time.",
            "",
            "A line for each script: PASS, FAIL with the line of the script, what it expects and what happened, or SKIP "
                    + "with the reason: the script asks for something that the stack, or this interpreter, does not have. "
                    + "Commands in backticks are never executed; those that are known become settings of the stack."
        },
        footer = {
            "",
            "Examples:",
            "  penstock packetdrill conformance/scripts",
            "  penstock packetdrill --profile bsd --family both --json scripts/ > results.json",
            "  penstock packetdrill --pcap captures handshake.pkt",
            "  sudo penstock packetdrill --against kernel handshake.pkt",
            "",
            "Exit code: 0 when every script passed, 1 when one failed, 3 when none failed and some were skipped,",
            "2 for wrong usage or a file that cannot be read."
        })
public final class PacketdrillCommand implements Verb {
    private static final long NS_PER_US = 1_000;
    private static final long NS_PER_SECOND = 1_000_000_000;
    private static final long MOST_SECONDS = 86_400;
    private static final int LIVE_JOBS = 8;

    private final ScriptRunner penstock;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--against",
            paramLabel = "penstock|kernel",
            converter = AgainstConverter.class,
            description =
                    "What is tested: penstock, this stack, in virtual time (default); kernel, the Linux kernel that this runs "
                            + "on, in real time, by real system calls, each script in a network namespace of its own. "
                            + "That needs root, or unshare -Urn.")
    private Against against = Against.PENSTOCK;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "How many scripts run at the same time (default as many as there are processors; against the "
                    + "kernel, where scripts mostly wait, 8).")
    private Integer jobs;

    @Option(
            names = "--profile",
            paramLabel = "linux|bsd",
            converter = ProfileConverter.class,
            description =
                    "Whose habits on the wire the stack takes on (default what a comment at the script's head says, "
                            + "'// profiles: bsd', or linux).")
    private Profile profile;

    @Option(
            names = "--family",
            paramLabel = "4|6|both",
            converter = FamiliesConverter.class,
            description =
                    "Over which version of IP; both: each script counts twice (default what the script says, or 4).")
    private Families families;

    @Option(
            names = "--relax",
            paramLabel = "psh",
            converter = RelaxConverter.class,
            description = "psh: do not compare PSH.")
    private String relax;

    @Option(names = "--json", description = "A JSON object for each script and one for all, a line each.")
    private boolean json;

    @Option(names = "--pcap", paramLabel = "DIR", description = "Write a capture of each script there, as pcapng.")
    private Path pcap;

    @Option(
            names = {"--strict_segments", "--strict-segments"},
            description = "Compare packets as they were sent, never several as one.")
    private boolean strictSegments;

    @Option(
            names = {"--tolerance_usecs", "--tolerance-usecs"},
            paramLabel = "N",
            description =
                    "How far a time may be off, microseconds (default what the script says, or the larger of 4000 "
                            + "and 12.5 %% of the interval).")
    private Long toleranceUs;

    @Option(
            names = {"--slack_usecs", "--slack-usecs"},
            paramLabel = "N",
            description =
                    "With --against kernel: how much more than that a time may be off, for machines that are busy "
                            + "(default 0).")
    private long slackUs;

    @Option(
            names = "--limit",
            paramLabel = "SECONDS",
            description = "With --against kernel: how long a script may take (default 600).")
    private long limitSeconds = 600;

    @Parameters(paramLabel = "FILE|DIR", arity = "1..*", description = "Scripts, and directories with *.pkt in them.")
    private List<Path> paths;

    /** What {@code --against} can say. */
    enum Against {
        PENSTOCK,
        KERNEL
    }

    /** What {@code --family} can say. */
    enum Families {
        ONLY_4,
        ONLY_6,
        BOTH
    }

    /** With the stack of this build. */
    public PacketdrillCommand() {
        this(new Engine());
    }

    PacketdrillCommand(ScriptRunner runner) {
        this.penstock = runner;
    }

    @Override
    public Integer call() throws IOException {
        if (toleranceUs != null && (toleranceUs < 0 || toleranceUs > Long.MAX_VALUE / NS_PER_US)) {
            throw new ParameterException(
                    spec.commandLine(), "--tolerance_usecs is " + toleranceUs + ": expected 0 or more");
        }
        List<Path> scripts;
        try {
            scripts = ScriptFiles.find(paths);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        if (slackUs < 0 || slackUs > 1_000_000) {
            throw new ParameterException(spec.commandLine(), "--slack_usecs is " + slackUs + ": expected 0 to 1000000");
        }
        if (limitSeconds < 1 || limitSeconds > MOST_SECONDS) {
            throw new ParameterException(
                    spec.commandLine(), "--limit is " + limitSeconds + ": expected 1 to " + MOST_SECONDS);
        }
        if (jobs != null && (jobs < 1 || jobs > ScriptBatch.MAX_THREADS)) {
            throw new ParameterException(
                    spec.commandLine(), "--jobs is " + jobs + ": expected 1 to " + ScriptBatch.MAX_THREADS);
        }
        ScriptReport report = new ScriptReport(spec.commandLine().getOut(), json);
        try {
            batch().run(jobs(scripts), report::tell);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return report.finish();
    }

    private ScriptBatch batch() {
        if (against == Against.PENSTOCK) {
            return new ScriptBatch(penstock, jobs == null ? Runtime.getRuntime().availableProcessors() : jobs);
        }
        try {
            return new ScriptBatch(
                    new Engine(KernelBench.open(slackUs * NS_PER_US, limitSeconds * NS_PER_SECOND)),
                    jobs == null ? LIVE_JOBS : jobs);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private List<Job> jobs(List<Path> scripts) throws IOException {
        boolean both = families == Families.BOTH;
        List<Settings> runs = new ArrayList<>();
        if (both || families != Families.ONLY_6) {
            Settings.Family family = families == null ? null : Settings.Family.IPV4;
            runs.add(settings(family, both ? "ipv4" : null));
        }
        if (both || families == Families.ONLY_6) {
            runs.add(settings(Settings.Family.IPV6, both ? "ipv6" : null));
        }
        List<Job> jobs = new ArrayList<>(scripts.size() * runs.size());
        for (Path script : scripts) {
            for (Settings settings : runs) {
                String label = both ? settings.family().name().toLowerCase(Locale.ROOT) : null;
                jobs.add(new Job(script, label, profile == null ? settings.with(profileOf(script)) : settings));
            }
        }
        return jobs;
    }

    /** The first that a script of ours names; Linux's for any other. */
    private static Profile profileOf(Path script) throws IOException {
        List<String> named = ScriptFiles.head(ScriptFiles.read(script), "profiles");
        return named.contains("bsd") && !named.contains("linux") ? Profile.BSD : Profile.LINUX;
    }

    private Settings settings(Settings.Family family, String pcapBelow) throws IOException {
        Path directory = pcap == null || pcapBelow == null ? pcap : pcap.resolve(pcapBelow);
        if (directory != null) {
            Files.createDirectories(directory);
        }
        long toleranceNs = toleranceUs == null ? -1 : toleranceUs * NS_PER_US;
        return new Settings(
                profile == null ? Profile.LINUX : profile,
                family,
                relax != null,
                strictSegments,
                toleranceNs,
                directory);
    }

    static final class AgainstConverter implements ITypeConverter<Against> {
        @Override
        public Against convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "penstock" -> Against.PENSTOCK;
                case "kernel" -> Against.KERNEL;
                default -> throw new TypeConversionException("expected penstock or kernel, found '" + value + "'");
            };
        }
    }

    static final class ProfileConverter implements ITypeConverter<Profile> {
        @Override
        public Profile convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "linux" -> Profile.LINUX;
                case "bsd" -> Profile.BSD;
                default -> throw new TypeConversionException("expected linux or bsd, found '" + value + "'");
            };
        }
    }

    static final class FamiliesConverter implements ITypeConverter<Families> {
        @Override
        public Families convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "4" -> Families.ONLY_4;
                case "6" -> Families.ONLY_6;
                case "both" -> Families.BOTH;
                default -> throw new TypeConversionException("expected 4, 6 or both, found '" + value + "'");
            };
        }
    }

    static final class RelaxConverter implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            if (!value.equalsIgnoreCase("psh")) {
                throw new TypeConversionException("expected psh, found '" + value + "'");
            }
            return value;
        }
    }
}
