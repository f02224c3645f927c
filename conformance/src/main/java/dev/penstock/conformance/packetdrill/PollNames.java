package dev.penstock.conformance.packetdrill;

import java.util.ArrayList;
import java.util.List;

/** The bits of {@code poll}: their names, and FreeBSD's, of which some are others. */
final class PollNames {
    private static final String[] NAMES = {
        "POLLIN", "POLLPRI", "POLLOUT", "POLLERR", "POLLHUP", "POLLNVAL", "POLLRDNORM", "POLLRDBAND", "POLLWRNORM"
    };
    private static final int BSD_WRBAND = 0x100;
    private static final int BSD_RDHUP = 0x4000;

    private PollNames() {}

    /** Linux's bits as words. */
    static String of(long events) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < NAMES.length; i++) {
            if ((events >> i & 1) != 0) {
                words.add(NAMES[i]);
            }
        }
        long rest = events & -(1L << NAMES.length);
        if ((rest & Descriptor.POLLRDHUP) != 0) {
            words.add("POLLRDHUP");
            rest &= ~Descriptor.POLLRDHUP;
        }
        if (rest != 0) {
            words.add("0x" + Long.toHexString(rest));
        }
        return words.isEmpty() ? "0" : String.join("|", words);
    }

    static long toLinux(long events, Profile profile) {
        if (profile == Profile.LINUX) {
            return events;
        }
        long same = events & ~(BSD_WRBAND | BSD_RDHUP);
        return (events & BSD_RDHUP) != 0 ? same | Descriptor.POLLRDHUP : same;
    }

    static long fromLinux(long events, Profile profile) {
        if (profile == Profile.LINUX) {
            return events;
        }
        long same = events & ~(Descriptor.POLLWRNORM | Descriptor.POLLRDHUP);
        return (events & Descriptor.POLLRDHUP) != 0 ? same | BSD_RDHUP : same;
    }
}
