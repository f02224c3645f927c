package dev.penstock.conformance.oracle;

import java.util.List;

/** Where Penstock and Linux may differ, and why. */
final class AllowedDifferences {
    /**
     * One of them.
     *
     * @param reason why it is right, or at least nobody's harm
     */
    record Allowed(String reason, Test test) {}

    /** Whether two lines of the transcripts of {@code scenario} may differ. */
    interface Test {
        boolean allows(Scenario scenario, String penstock, String linux);
    }

    private static final List<Allowed> ALL = List.of(
            new Allowed(
                    "Linux tells a reader of a reset once and then of an end, as if the stream had been complete; Penstock repeats"
                            + " it, as java.net.Socket does",
                    (s, a, b) -> a.contains(" read")
                            && a.contains("ECONNRESET")
                            && b.equals(a.replace("ECONNRESET", "end"))),
            new Allowed(
                    "the same of a timeout",
                    (s, a, b) ->
                            a.contains(" read") && a.contains("ETIMEDOUT") && b.equals(a.replace("ETIMEDOUT", "end"))),
            new Allowed(
                    "Linux lets one more connection wait than the backlog says (sk_acceptq_is_full compares with >)",
                    (s, a, b) -> a.contains("connect_another: timeout") && b.contains("connect_another: ok")),
            new Allowed(
                    "what comes after shutdown(SHUT_RD) Linux keeps, and resets at the close because nobody has read it; Penstock"
                            + " throws it away, as Socket.shutdownInput documents",
                    (s, a, b) -> s.has(Side.SUBJECT, Verb.SHUTDOWN_INPUT) && b.contains("subject closed, peer gone")),
            new Allowed(
                    "a FIN that the network doubled or delayed is acknowledged from TIME-WAIT, and the reset that answers this when"
                            + " the other end is over already ends TIME-WAIT (RFC 1337; Linux has tcp_rfc1337 off): which of them comes"
                            + " first is a matter of time",
                    (s, a, b) -> withoutTimeWait(a).equals(withoutTimeWait(b))));

    private AllowedDifferences() {}

    private static String withoutTimeWait(String line) {
        return line.replace("peer TIME-WAIT", "peer gone");
    }

    /** The reason why the two lines may differ, or null. */
    static String reason(Scenario scenario, String penstock, String linux) {
        for (Allowed allowed : ALL) {
            if (allowed.test.allows(scenario, penstock, linux)) {
                return allowed.reason;
            }
        }
        return null;
    }
}
