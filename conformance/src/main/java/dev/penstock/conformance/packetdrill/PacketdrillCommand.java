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
                    + "same each time.",
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
            "",
            "Exit code: 0 when every script passed, 1 when one failed, 3 when none failed and some were skipped,",
            "2 for wrong usage or a file that cannot be read."
        })
public final class PacketdrillCommand implements Verb {
    private static final long NS_PER_US = 1_000;

    private final ScriptRunner runner;

    @Spec
    private CommandSpec spec;

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

    @Parameters(paramLabel = "FILE|DIR", arity = "1..*", description = "Scripts, and directories with *.pkt in them.")
    private List<Path> paths;

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
        this.runner = runner;
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
        ScriptReport report = new ScriptReport(spec.commandLine().getOut(), json);
        try {
            new ScriptBatch(runner).run(jobs(scripts), report::tell);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return report.finish();
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
