package dev.penstock.apps.cli;

import java.util.concurrent.LinkedBlockingQueue;

/** Prints what the stack's thread has to tell, on a thread of its own: a slow terminal must not hold the stack up. */
final class EventPrinter {
    private static final int MOST_WAITING = 1_000;

    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Console console;

    EventPrinter(Console console) {
        this.console = console;
        Thread thread = new Thread(this::run, "events");
        thread.setDaemon(true);
        thread.start();
    }

    /** Has a line printed; beyond a thousand that wait it is left out. Any thread; never blocks. */
    void say(String line) {
        boolean unused = lines.offer(line);
    }

    private void run() {
        try {
            while (true) {
                console.line(lines.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
