package dev.penstock.conformance.fuzz;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Everything that is fuzzed, by the name that {@code conformance/fuzz} knows. */
public enum Target {
    /** Frames of every protocol into a live stack, with time and application calls. */
    FRAMES(StackTargets::frames, 1_024),
    /** Segments forged relative to a live connection. */
    SEGMENTS(StackTargets::segments, 1_024),
    /** The options of IPv4 headers. */
    IPV4_OPTIONS(OptionTargets::ipv4, 350),
    /** The options of TCP segments: of SYNs, and later. */
    TCP_OPTIONS(OptionTargets::tcp, 300),
    /** SACK blocks that lie to a sender. */
    SACK(SackTarget::run, 1_024),
    /** Fragments of IPv4. */
    REASSEMBLY(ReassemblyTarget::run, 512),
    /** Frames of IPv6: extension headers, fragments, neighbour discovery, MLD, and what is above. */
    IPV6(Ipv6Target::run, 1_024),
    /** Requests to the HTTP server. */
    HTTP(HttpTarget::run, 2_048),
    /** The reader of CSV traces. */
    TRACE(TextTargets::trace, 2_048),
    /** The reader of packetdrill scripts. */
    SCRIPT(TextTargets::script, 2_048);

    @SuppressWarnings("ImmutableEnumChecker") // A method reference without state.
    private final FuzzTarget body;

    private final int mostBytes;

    Target(FuzzTarget body, int mostBytes) {
        this.body = body;
        this.mostBytes = mostBytes;
    }

    /** Runs it once. */
    public void run(byte[] input) throws Throwable {
        body.run(new FuzzInput(input));
    }

    /** The longest input that makes sense. */
    public int mostBytes() {
        return mostBytes;
    }

    /** As it is named on the command line and in the corpus. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The target of that name.
     *
     * @throws IllegalArgumentException naming those that there are
     */
    public static Target of(String id) {
        for (Target target : values()) {
            if (target.id().equals(id)) {
                return target;
            }
        }
        throw new IllegalArgumentException("no target '" + id + "': there are "
                + Arrays.stream(values()).map(Target::id).collect(Collectors.joining(", ")));
    }
}
