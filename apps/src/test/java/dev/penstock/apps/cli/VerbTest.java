package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Verbs that other modules bring. */
class VerbTest {
    @TempDir
    private Path services;

    /** A verb of another module. */
    @Command(name = "echo-back", description = "Says it again.")
    public static final class EchoBack implements Verb {
        @Spec
        private CommandSpec spec;

        @Option(names = "--fail")
        private boolean fails;

        @Override
        public Integer call() throws IOException {
            if (fails) {
                throw new IOException("There is no file: name another");
            }
            spec.commandLine().getOut().println("again");
            return 7;
        }
    }

    private Run run(String... args) throws Exception {
        Path directory = Files.createDirectories(services.resolve("META-INF/services"));
        Files.writeString(directory.resolve(Verb.class.getName()), EchoBack.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {services.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            return Run.of(args);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void verbsOfOtherModulesAreFoundAndListed() throws Exception {
        Run help = run("--help");
        assertTrue(help.out().contains("echo-back"), help.out());
        assertTrue(help.out().contains("Says it again."), help.out());
        Run again = run("echo-back");
        assertEquals("again\n", again.out());
        assertEquals(7, again.code());
    }

    @Test
    void theirFailuresAreOneLine() throws Exception {
        Run failed = run("echo-back", "--fail");
        assertEquals("penstock: there is no file: name another\n", failed.err());
        assertEquals(1, failed.code());
        Run wrong = run("echo-back", "--no-such");
        assertEquals("penstock: unknown option: '--no-such': try 'penstock echo-back --help'\n", wrong.err());
        assertEquals(2, wrong.code());
    }
}
