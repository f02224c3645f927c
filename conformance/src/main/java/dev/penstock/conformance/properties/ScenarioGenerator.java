package dev.penstock.conformance.properties;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.tcp.TcpOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes up scenarios: two or three hosts, a few connections, and then whatever can be done to them and to the paths, mostly
 * in an order in which something comes of it. All from one seed. One use.
 */
final class ScenarioGenerator {
    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3_600 * SECOND;

    private final long seed;
    private final RandomSource random;
    private final List<Action> actions = new ArrayList<>();
    private final boolean gentle;
    /** Buffers of a few bytes, and little to send: each byte may take a round trip. */
    private final boolean tiny;

    /** Draws which family each thing is of, and nothing else: with IPv4 alone a seed is what it was. */
    private final RandomSource families;

    private final boolean v4;
    private final boolean v6;

    private int hosts;
    private int connections;
    private boolean cutOff;

    ScenarioGenerator(long seed) {
        this.seed = seed;
        this.random = RandomSource.seeded(seed * 0x9E37_79B9_7F4A_7C15L + 1);
        this.gentle = random.nextInt(5) < 2;
        this.tiny = random.nextInt(12) == 0;
        this.families = RandomSource.seeded(~seed * 0x9E37_79B9_7F4A_7C15L + 6);
        int which = families.nextInt(3);
        this.v4 = which != 1;
        this.v6 = which != 0;
    }

    Scenario generate() {
        hosts = random.nextInt(4) == 0 ? 3 : 2;
        for (int i = 0; i < hosts; i++) {
            host(i);
        }
        if (v6) {
            // Addresses are verified, if they are: only then they can be used.
            add(Kind.STEP, 3 * SECOND);
        }
        int slow = random.nextInt(4);
        if (slow != 0) {
            for (int i = 0; i < hosts; i++) {
                long delay = upTo(slow == 3 ? 300 * MS : 20 * MS);
                add(Kind.DELAY, i, 2, delay, oneIn(3) ? upTo(delay) : 0);
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            trouble();
        }
        int first = 1 + random.nextInt(3);
        for (int i = 0; i < first; i++) {
            open();
        }
        int more = 4 + random.nextInt(gentle ? 24 : 36);
        for (int i = 0; i < more; i++) {
            something();
        }
        return new Scenario(seed, gentle, actions);
    }

    private void add(Kind kind, long... args) {
        actions.add(Action.of(kind, args));
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    /** Small ones as often as large ones. */
    private long upTo(long most) {
        if (most <= 0) {
            return 0;
        }
        int bits = 64 - Long.numberOfLeadingZeros(most);
        long mask = (1L << 1 + random.nextInt(bits)) - 1;
        return Math.min(most, random.nextLong() & mask);
    }

    private int host() {
        return random.nextInt(hosts);
    }

    private void host(int i) {
        int[] mtus = {1500, 1500, 1500, 576, 1280, 9000};
        int mtu = oneIn(4) ? 576 + random.nextInt(1500) : mtus[random.nextInt(mtus.length)];
        add(
                Kind.MAKE_HOST,
                i,
                mtu,
                no(5),
                no(3),
                no(5),
                random.nextInt(3),
                no(3),
                no(5),
                random.nextInt(3),
                gentle ? 0 : no(25),
                v6 ? 1 : 0,
                v6 && families.nextInt(4) == 0 ? 1 : 0);
    }

    private int family() {
        return v4 && v6 ? families.nextInt(2) : v6 ? 1 : 0;
    }

    private long no(int n) {
        return oneIn(n) ? 1 : 0;
    }

    /** Half of them automatic; very small ones only where little is written. */
    private long buffer() {
        return oneIn(2) ? 0 : tiny ? 1 + upTo(256) : 1_000 + upTo(1 << 20);
    }

    private int port() {
        return 7 + random.nextInt(2);
    }

    /** One listener for both; where one of a family listens already, that is refused, and the other family has none. */
    private boolean anyFamily() {
        return v6 && !(gentle && v4) && families.nextInt(4) == 0;
    }

    private void listen(int at, int port, int family) {
        long accepts = gentle ? 0 : no(12);
        add(
                Kind.LISTEN,
                at,
                port,
                gentle || !oneIn(6) ? 8 : 1,
                buffer(),
                buffer(),
                random.nextInt(2),
                accepts,
                anyFamily() ? 2 : family);
    }

    private void open() {
        if (gentle && connections >= Arg.SLOTS - 1) {
            return;
        }
        int slot = connections++ % Arg.SLOTS;
        int from = host();
        int to = oneIn(12) ? from : (from + 1) % hosts;
        if (!gentle && oneIn(16)) {
            to = Arg.HOSTS - 1;
        }
        int port = port();
        int family = family();
        if (gentle || !oneIn(10)) {
            listen(to, port, family);
        }
        if (oneIn(10) && from != to) {
            simultaneous(slot, from, to, family);
        } else {
            // Gentle ones do not ask for a port that a connection may have already.
            long local = !gentle && oneIn(6) ? 5000 + random.nextInt(2) : 0;
            add(Kind.CONNECT, slot, from, to, port, local, buffer(), buffer(), random.nextInt(2), family);
            if (oneIn(4)) {
                add(Kind.AUTO_READ, 2L * slot, no(2), no(2));
            }
        }
        step();
        if (oneIn(2)) {
            write(2 * slot);
        }
        if (oneIn(2)) {
            write(2 * slot + 1);
        }
    }

    private void simultaneous(int slot, int from, int to, int family) {
        int other = connections++ % Arg.SLOTS;
        int a = 6000 + 10 * slot;
        int b = 6005 + 10 * other;
        add(Kind.CONNECT, slot, from, to, b, a, buffer(), buffer(), 0, family);
        if (gentle || oneIn(2)) {
            // Otherwise the first SYN may meet nobody.
            add(Kind.CONNECT, other, to, from, a, b, buffer(), buffer(), 0, family);
        } else {
            step();
            add(Kind.CONNECT, other, to, from, a, b, buffer(), buffer(), 0, family);
        }
    }

    private int end() {
        return random.nextInt(2 * Math.min(connections, Arg.SLOTS));
    }

    private void write(int end) {
        long most = tiny ? 400 : oneIn(8) ? 1 << 19 : 1 << 16;
        add(oneIn(12) ? Kind.URGENT : Kind.WRITE, end, 1 + (oneIn(3) ? upTo(most) : random.nextInt((int) most)));
    }

    private void step() {
        long most =
                switch (random.nextInt(12)) {
                    case 0 -> 1_000;
                    case 1, 2 -> MS;
                    case 3, 4, 5, 6 -> 50 * MS;
                    case 7, 8, 9 -> SECOND;
                    case 10 -> gentle ? 5 * SECOND : 100 * SECOND;
                    default -> gentle || !oneIn(4) ? 10 * SECOND : 2 * HOUR;
                };
        add(Kind.STEP, upTo(most));
    }

    private void something() {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> write(end());
            case 5, 6, 7, 8, 9 -> step();
            case 10 -> open();
            case 11 -> add(Kind.AUTO_READ, end(), no(2), no(3));
            case 12 -> add(Kind.READ, end(), upTo(1 << 18));
            case 13 -> option();
            case 14 -> trouble();
            case 15 -> {
                if (oneIn(2)) {
                    add(Kind.HEAL);
                    cutOff = false;
                } else {
                    trouble();
                }
            }
            case 16 ->
                add(Kind.DATAGRAM, host(), oneIn(9) ? random.nextInt(Arg.HOSTS) : host(), upTo(65_507), family());
            case 17 -> add(Kind.SHUTDOWN_OUTPUT, end());
            default -> ending();
        }
        if (cutOff && gentle) {
            // Nobody gives up within 20 s.
            add(Kind.STEP, upTo(20 * SECOND));
            add(Kind.HEAL);
            cutOff = false;
        }
    }

    private void ending() {
        if (gentle) {
            write(end());
            return;
        }
        switch (random.nextInt(9)) {
            case 0 -> add(Kind.ABORT, end());
            case 1 -> add(Kind.SHUTDOWN_INPUT, end());
            case 2 -> add(Kind.UNLISTEN, host(), port());
            case 3, 4 -> {
                // A port again, as soon as it is free or before.
                int slot = random.nextInt(Arg.SLOTS);
                add(Kind.CLOSE, 2L * slot);
                step();
                add(Kind.CONNECT, slot, 0, 1, 7, 5000, buffer(), buffer(), 0, family());
            }
            default -> add(Kind.CLOSE, end());
        }
    }

    private void option() {
        int option = random.nextInt(TcpOption.ALL.size());
        String name = TcpOption.ALL.get(option).name();
        if (gentle && List.of("TCP_USER_TIMEOUT", "SO_KEEPALIVE", "SO_LINGER").contains(name)) {
            return;
        }
        long value =
                switch (name) {
                    case "SO_SNDBUF", "SO_RCVBUF" -> buffer();
                    case "SO_MAX_PACING_RATE" -> oneIn(3) ? Long.MAX_VALUE : 20_000 + upTo(1L << 34);
                    case "TCP_MAXSEG" -> oneIn(3) ? 0 : 64 + upTo(9000);
                    case "TCP_USER_TIMEOUT" -> upTo(100_000);
                    case "TCP_KEEPIDLE", "TCP_KEEPINTVL" -> 1 + upTo(100);
                    case "TCP_KEEPCNT" -> 1 + upTo(10);
                    case "SO_LINGER" -> oneIn(3) ? 0 : -1;
                    case "IP_TTL" -> 1 + upTo(254);
                    case "TCP_NOTSENT_LOWAT" -> upTo(1 << 16);
                    default -> random.nextInt(2);
                };
        int end = end();
        add(Kind.SET_OPTION, end, option, value);
        if (name.equals("SO_KEEPALIVE")) {
            // By default that is two hours.
            add(Kind.SET_OPTION, end, TcpOption.ALL.indexOf(TcpOption.TCP_KEEPIDLE), 1 + random.nextInt(5));
            add(Kind.STEP, upTo(20 * SECOND));
        }
    }

    private int way() {
        return random.nextInt(3);
    }

    /** Half of them less than a tenth of {@code most}. */
    private long share(int most) {
        return oneIn(2) ? random.nextInt(most + 1) : random.nextInt(most / 10 + 1);
    }

    private void trouble() {
        int h = host();
        switch (random.nextInt(10)) {
            case 0, 1 -> add(Kind.LOSS, h, way(), share(gentle ? 150 : oneIn(8) ? 1000 : 400));
            case 2 -> add(Kind.DUPLICATE, h, way(), share(500));
            case 3 -> add(Kind.CORRUPT, h, way(), share(gentle ? 100 : 300));
            case 4 -> add(Kind.REORDER, h, way(), share(500), 1 + random.nextInt(20));
            case 5 -> {
                long delay = upTo(oneIn(4) ? 3 * SECOND : 100 * MS);
                add(Kind.DELAY, h, way(), delay, oneIn(2) ? 0 : upTo(delay));
            }
            case 6 -> add(Kind.RATE, h, way(), 100_000 + upTo(1L << 30));
            case 7 -> add(Kind.PATH_MTU, h, 576 + random.nextInt(1000), no(4));
            case 8 -> add(Kind.MARK, h, share(500));
            default -> {
                add(Kind.PARTITION, h, way(), 0);
                cutOff = true;
            }
        }
    }
}
