package dev.penstock.conformance.fuzz;

/** Targets that are a whole stack: frames and segments, with time and application calls in between. */
final class StackTargets {
    private static final int MOST_ACTIONS = 64;

    private StackTargets() {}

    /** Frames of every protocol and from anybody, wild: the honest connection may break, the stack may not. */
    static void frames(FuzzInput in) {
        try (LiveStack lab = new LiveStack(in)) {
            lab.connect(in.u16(), in.u16(), in.u8());
            if (in.flag()) {
                lab.run(10 * LiveStack.MS);
            }
            for (int i = 0; i < MOST_ACTIONS && !in.isEmpty(); i++) {
                frame(lab, in);
            }
            lab.finishHonest(false);
            lab.finish();
        }
    }

    /** As {@link #frames}; tells what the stack counted, for comparing two runs. */
    static String play(byte[] input) {
        FuzzInput in = new FuzzInput(input);
        try (LiveStack lab = new LiveStack(in)) {
            lab.connect(in.u16(), in.u16(), in.u8());
            while (!in.isEmpty()) {
                frame(lab, in);
            }
            lab.finishHonest(false);
            lab.finish();
            return lab.nowNs() + " " + lab.injector.sent + " " + lab.stack.counters();
        }
    }

    private static void frame(LiveStack lab, FuzzInput in) {
        Injector injector = lab.injector;
        Forge forge = lab.forge;
        int what = in.below(16);
        int who = in.below(Injector.CONVERSATIONS);
        Conversation c = injector.conversation(who);
        int length = 0;
        switch (what) {
            case 0 -> length = forge.raw(in);
            case 1 -> length = forge.ethernet(in);
            case 2 -> length = forge.ipv4(in, c.peerIp);
            case 3 -> length = forge.arp(in, c.peerIp);
            case 4 -> length = forge.udp(in, c.peerIp, LiveStack.UDP_PORT);
            case 5 -> length = forge.icmp(in, c.peerIp, in.flag() ? injector.lastSent : null);
            case 6, 7, 8, 9 -> length = forge.segment(in, c, LiveStack.OPEN_PORT);
            case 10 -> lose(injector, in);
            case 11, 12 -> lab.application.call(in, true);
            case 13 -> injector.answersArp = in.flag();
            default -> lab.run(in.time());
        }
        if (length > 0) {
            injector.feed(forge.buffer(), length);
        }
    }

    private static void lose(Injector injector, FuzzInput in) {
        if (in.flag()) {
            injector.loseIn = 1 + in.below(6);
        } else {
            injector.loseOut = 1 + in.below(6);
        }
    }

    /**
     * Segments of the honest peer, forged around the edges of its connection. If only advice is forged, which the first byte
     * decides, every byte must arrive whatever it says.
     */
    static void segments(FuzzInput in) {
        boolean wild = in.flag();
        try (LiveStack lab = new LiveStack(in)) {
            lab.connect(in.u16(), in.u16(), in.u8());
            if (!in.flag()) {
                lab.run(5 * LiveStack.MS);
            }
            for (int i = 0; i < MOST_ACTIONS && !in.isEmpty(); i++) {
                segment(lab, in, wild);
            }
            lab.finishHonest(!wild);
            lab.finish();
        }
    }

    private static void segment(LiveStack lab, FuzzInput in, boolean wild) {
        Injector injector = lab.injector;
        Conversation c = injector.conversation(0);
        int length = 0;
        switch (in.below(8)) {
            case 0 -> lab.application.call(in, wild);
            case 1 -> lose(injector, in);
            case 2, 3 -> lab.run(in.time() / 8);
            case 4 -> {
                boolean any = wild && c.known;
                length =
                        any ? lab.forge.segment(in, c, LiveStack.HONEST_PORT) : lab.forge.advice(in, c, heard(lab, in));
            }
            default -> length = lab.forge.advice(in, c, heard(lab, in));
        }
        if (length > 0) {
            injector.feed(lab.forge.buffer(), length);
        }
    }

    private static byte[] heard(LiveStack lab, FuzzInput in) {
        return lab.injector.heard(in.below(8));
    }
}
