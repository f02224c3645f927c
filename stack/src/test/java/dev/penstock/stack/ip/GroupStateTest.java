package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Memberships that change at random, against a naive model of RFC 3376, sections 3.2 and 5.1, and of what a router learns. */
class GroupStateTest {
    private static final String[] GROUPS = {"239.1.1.1", "239.1.1.2", "239.1.1.3"};
    private static final int SOURCES = 6;

    /** A membership and the same in plain sets. */
    private static final class Socket {
        final int group;
        final GroupMembership real;
        final Set<Integer> sources = new HashSet<>();

        Socket(int group, GroupMembership real) {
            this.group = group;
            this.real = real;
        }
    }

    /** What a router that heard all reports thinks that the host wants: which of the sources, and all others. */
    private static final class Router {
        final boolean[] others = new boolean[GROUPS.length];
        final boolean[][] wanted = new boolean[GROUPS.length][SOURCES];

        void hear(String report) {
            for (String record : report.split("; ", -1)) {
                String[] words = record.split(" ", -1);
                int group = List.of(GROUPS).indexOf(words[1]);
                Set<Integer> listed = new TreeSet<>();
                for (String source : words[2].replaceAll("[{}]", "").split(",", -1)) {
                    if (!source.isEmpty()) {
                        listed.add(Integer.parseInt(source.substring(source.lastIndexOf('.') + 1)));
                    }
                }
                for (int s = 0; s < SOURCES; s++) {
                    switch (words[0]) {
                        case "TO_EX", "IS_EX" -> wanted[group][s] = !listed.contains(s);
                        case "TO_IN", "IS_IN" -> wanted[group][s] = listed.contains(s);
                        case "ALLOW" -> wanted[group][s] |= listed.contains(s);
                        default -> wanted[group][s] &= !listed.contains(s);
                    }
                }
                others[group] = words[0].endsWith("EX") || (others[group] && !words[0].endsWith("IN"));
            }
        }
    }

    private static long source(int s) {
        return IpAddress.v4(0x0a00_0000 + s);
    }

    @Property(tries = 300)
    void whatTheInterfaceAndTheRouterHoldIsWhatTheSocketsWant(@ForAll long seed, @ForAll boolean lossy) {
        Random random = new Random(seed);
        try (IpHost host = IpHost.ready(c -> c.multicast.reportsPerSecond = 1000)) {
            List<Socket> sockets = new ArrayList<>();
            Router router = new Router();
            for (int step = 0; step < 60; step++) {
                act(host, sockets, random);
                checkMerge(host, sockets);
                if (random.nextInt(3) > 0) {
                    host.advance(random.nextInt(800) * IpHost.MS);
                }
                deliver(host, router, lossy ? random : null);
            }
            host.advance(5 * IpHost.SECOND);
            deliver(host, router, null);
            if (lossy) {
                // What was lost twice over is made good by the answer to the next question.
                Reports.hears(host, "224.0.0.1", Reports.query3(10, "0.0.0.0", 2, 125));
                host.advance(IpHost.SECOND);
                Router fresh = new Router();
                deliver(host, fresh, null);
                checkRouter(host, sockets, fresh);
            } else {
                checkRouter(host, sockets, router);
            }
            sockets.forEach(s -> s.real.leave());
            host.advance(5 * IpHost.SECOND);
            assertEquals(1, host.nic.groups(true).count(), "only the group of all systems is left");
        }
    }

    private static void act(IpHost host, List<Socket> sockets, Random random) {
        Socket some = sockets.isEmpty() ? null : sockets.get(random.nextInt(sockets.size()));
        int s = random.nextInt(SOURCES);
        int choice = random.nextInt(6);
        if (some == null || choice == 0) {
            int group = random.nextInt(GROUPS.length);
            boolean exclude = random.nextBoolean();
            sockets.add(new Socket(group, host.ip.multicast().join(host.nic, 0, Packets.lo(GROUPS[group]), exclude)));
        } else if (choice == 1) {
            some.real.leave();
            sockets.remove(some);
        } else if (choice <= 3) {
            int expected = some.sources.add(s) ? GroupMembership.OK : GroupMembership.ALREADY_THERE;
            assertEquals(expected, some.real.addSource(0, source(s)));
        } else {
            int expected = some.sources.remove(s) ? GroupMembership.OK : GroupMembership.NOT_THERE;
            assertEquals(expected, some.real.removeSource(0, source(s)));
        }
    }

    /** 3.2, as it says, with sets. */
    private static void checkMerge(IpHost host, List<Socket> sockets) {
        for (int g = 0; g < GROUPS.length; g++) {
            Set<Integer> union = new TreeSet<>();
            Set<Integer> intersection = null;
            for (Socket s : sockets) {
                if (s.group == g && s.real.isExclude()) {
                    intersection = intersection == null ? new TreeSet<>(s.sources) : intersection;
                    intersection.retainAll(s.sources);
                } else if (s.group == g) {
                    union.addAll(s.sources);
                }
            }
            if (intersection != null) {
                intersection.removeAll(union);
            }
            MulticastGroup group = host.nic.groups(true).find(0, Packets.lo(GROUPS[g]));
            Set<Integer> expected = intersection != null ? intersection : union;
            assertEquals(intersection != null, group != null && group.state.exclude);
            Set<Integer> real = new TreeSet<>();
            for (int i = 0; group != null && i < group.state.sources.size(); i++) {
                real.add((int) group.state.sources.lo(i) & 0xff);
            }
            assertEquals(expected, real);
            boolean member = intersection != null || !union.isEmpty();
            assertEquals(member, host.ip.multicast().isMember(host.nic, 0, Packets.lo(GROUPS[g])));
        }
    }

    private static void deliver(IpHost host, Router router, Random loss) {
        for (String report : Reports.records(host)) {
            if (loss == null || loss.nextInt(4) > 0) {
                router.hear(report);
            }
        }
    }

    private static void checkRouter(IpHost host, List<Socket> sockets, Router router) {
        for (int g = 0; g < GROUPS.length; g++) {
            int group = g;
            for (int s = 0; s < SOURCES; s++) {
                int one = s;
                boolean wanted = sockets.stream().anyMatch(x -> x.group == group && x.real.accepts(0, source(one)));
                assertEquals(wanted, router.wanted[g][s], GROUPS[g] + " from 10.0.0." + s + "; " + host.counters);
            }
            boolean others = sockets.stream().anyMatch(x -> x.group == group && x.real.isExclude());
            assertEquals(others, router.others[g], GROUPS[g]);
        }
    }
}
