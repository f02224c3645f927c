package dev.penstock.apps.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A command line run in this JVM, with its output kept; a line of it can be waited for from another thread. */
final class Run {
    final Shutdown shutdown = new Shutdown();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Watched watched;
    private final Console console;
    private volatile int code = -1;

    /** Counts down when the text appears. */
    private static final class Watched extends PrintStream {
        private final ByteArrayOutputStream bytes;
        private final String text;
        private final CountDownLatch seen = new CountDownLatch(1);

        Watched(ByteArrayOutputStream bytes, String text) {
            super(bytes, true, StandardCharsets.UTF_8);
            this.bytes = bytes;
            this.text = text;
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            super.write(from, offset, length);
            look();
        }

        @Override
        public void flush() {
            super.flush();
            look();
        }

        private void look() {
            if (bytes.toString(StandardCharsets.UTF_8).contains(text)) {
                seen.countDown();
            }
        }
    }

    private Run(InputStream in, boolean terminal, String awaited) {
        watched = new Watched(out, awaited);
        console = new Console(in, watched, new PrintStream(err, true, StandardCharsets.UTF_8), terminal, terminal);
    }

    /** Runs it to its end on this thread, without input. */
    static Run of(String... args) {
        Run run = new Run(InputStream.nullInputStream(), false, "\0");
        run.go(args);
        return run;
    }

    /** As {@link #of}, as if a person watched. */
    static Run onTerminal(String... args) {
        Run run = new Run(InputStream.nullInputStream(), true, "\0");
        run.go(args);
        return run;
    }

    /** As {@link #of}, with input. */
    static Run withInput(byte[] input, String... args) {
        Run run = new Run(new ByteArrayInputStream(input), false, "\0");
        run.go(args);
        return run;
    }

    /** Prepares one whose output will be waited for; {@link #go} runs it. */
    static Run awaiting(String text) {
        return new Run(InputStream.nullInputStream(), false, text);
    }

    void go(String... args) {
        code = Main.execute(console, shutdown, args);
        watched.seen.countDown();
    }

    /** Waits until the text appeared in the output, or the command ended. */
    void await() throws InterruptedException {
        if (!watched.seen.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("not seen: " + watched.text + " in: " + out() + err());
        }
    }

    int code() {
        return code;
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    byte[] outBytes() {
        return out.toByteArray();
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
