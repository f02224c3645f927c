package dev.penstock.apps.cli;

import dev.penstock.tap.TapException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The command line: {@code penstock VERB}. */
@Command(
        name = "penstock",
        description = "Penstock: a TCP/IP stack in pure Java, on a Linux TAP interface.",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nVerbs:%n",
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "VERB",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            PingCommand.class,
            ArpingCommand.class,
            NdpingCommand.class,
            TracerouteCommand.class,
            TracepathCommand.class,
            NcCommand.class,
            IperfCommand.class,
            NetsimCommand.class,
            TraceCommand.class
        },
        footer = {
            "",
            "First steps:",
            "  penstock demo",
            "  sudo penstock up --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24 --http-root .",
            "",
            "'penstock VERB --help' tells more about each verb."
        })
public final class Main {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    final Console console;
    final Shutdown shutdown;

    Main(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    /** Runs the command line and exits: 0 done, 1 failed, 2 wrong usage. */
    public static void main(String[] args) {
        Shutdown shutdown = new Shutdown();
        shutdown.install();
        int code = execute(Console.system(), shutdown, args);
        System.out.flush();
        System.err.flush();
        shutdown.finish(code);
        System.exit(code);
    }

    /** Runs the command line and answers the exit code. */
    static int execute(Console console, Shutdown shutdown, String... args) {
        Main main = new Main(console, shutdown);
        CommandLine line = new CommandLine(main);
        for (Verb verb : ServiceLoader.load(Verb.class)) {
            line.addSubcommand(verb);
        }
        line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
                .setUsageHelpWidth(100)
                .setUsageHelpLongOptionsMaxWidth(30)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::onWrongUsage)
                .setExecutionExceptionHandler((e, command, parsed) -> main.onFailure(e));
        if (args.length == 0) {
            line.usage(console.out());
            return OK;
        }
        return line.execute(args);
    }

    private static int onWrongUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String what = oneLine(e.getMessage());
        command.getErr()
                .println("penstock: " + lowerFirst(what) + ": try '"
                        + command.getCommandSpec().qualifiedName() + " --help'");
        return USAGE;
    }

    private int onFailure(Exception e) {
        boolean expected = e instanceof CliException || e instanceof IOException;
        String message = oneLine(String.valueOf(e.getMessage()));
        if (!expected) {
            message = "internal error (" + oneLine(e.toString()) + "): please report it, with PENSTOCK_DEBUG=1 set";
        } else if (!(e instanceof CliException) && !(e instanceof TapException)) {
            message = lowerFirst(message);
        }
        console.out().flush();
        console.err().println("penstock: " + message);
        if (System.getenv("PENSTOCK_DEBUG") != null) {
            e.printStackTrace(console.err());
        }
        return e instanceof CliException c ? c.exitCode() : FAILED;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String lowerFirst(String text) {
        boolean word =
                text.length() > 1 && Character.isUpperCase(text.charAt(0)) && !Character.isUpperCase(text.charAt(1));
        return word ? Character.toLowerCase(text.charAt(0)) + text.substring(1) : text;
    }

    /** The version of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "penstock " + (version == null ? "(development build)" : version),
                "on " + System.getProperty("java.vm.name") + " " + System.getProperty("java.version")
            };
        }
    }
}
