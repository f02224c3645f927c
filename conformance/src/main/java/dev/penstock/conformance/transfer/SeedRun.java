package dev.penstock.conformance.transfer;

/** Runs {@link LossyTransfer} for many seeds: {@code SeedRun [FIRST_SEED [SEEDS [MAX_BYTES]]]}. */
public final class SeedRun {
    private SeedRun() {}

    /** Prints a line for each failure and one at the end; exit code 0 only when there was none. */
    public static void main(String[] args) {
        long first = args.length > 0 ? Long.parseLong(args[0]) : 0;
        int seeds = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
        int maxBytes = args.length > 2 ? Integer.parseInt(args[2]) : 256 * 1024;
        LossyTransfer.Conditions conditions = new LossyTransfer.Conditions(0.05, 0.02, 0.05, 0.001);
        long bytes = 0;
        long frames = 0;
        long virtualNs = 0;
        int failed = 0;
        long began = System.nanoTime();
        for (long seed = first; seed < first + seeds; seed++) {
            LossyTransfer.Outcome outcome = LossyTransfer.run(seed, maxBytes, conditions);
            bytes += outcome.bytes();
            frames += outcome.frames();
            virtualNs += outcome.virtualNs();
            if (outcome.complaint() != null) {
                failed++;
                System.out.println("seed " + seed + ": " + outcome.complaint());
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                "%d seeds, %d failed: %.1f MB in %d frames, %.1f hours of virtual time in %.1f s%n",
                seeds, failed, bytes / 1e6, frames, virtualNs / 3.6e12, seconds);
        System.exit(failed == 0 ? 0 : 1);
    }
}
