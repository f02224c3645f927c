package dev.penstock.conformance.fuzz;

/**
 * What Jazzer calls. The first argument of {@code --target_args} is a target, or {@code all}: then the first byte chooses; or {@code
 * broken}, which fails, to see that this is noticed.
 */
public final class JazzerEntry {
    private static Target chosen;
    private static boolean broken;

    private JazzerEntry() {}

    /** Called once. */
    public static void fuzzerInitialize(String[] args) {
        String name = args.length == 0 ? "all" : args[0];
        broken = name.equals("broken");
        chosen = broken || name.equals("all") ? null : Target.of(name);
    }

    /** Called with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Throwable {
        if (broken && input.length > 0) {
            throw new IllegalStateException("as it was asked to");
        }
        if (chosen != null) {
            chosen.run(input);
        } else if (input.length > 0) {
            Target[] all = Target.values();
            byte[] rest = new byte[input.length - 1];
            System.arraycopy(input, 1, rest, 0, rest.length);
            all[(input[0] & 0xff) % all.length].run(rest);
        }
    }
}
