package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** traceroute and tracepath through two routers that are Linux kernels, to a third one. */
@Timeout(120)
class PathToolsTest {
    private static final String[] V4 = {"--tap", "pen0", "--addr", "10.1.0.2/24", "--gateway", "10.1.0.1"};
    private static final String[] V6 = {"--tap", "pen0", "--addr", "2001:db8:1::2/64", "--gateway", "2001:db8:1::1"};

    private final List<NetNamespace> namespaces = new ArrayList<>();

    private NetNamespace namespace() throws Exception {
        NetNamespace made = NetNamespace.create();
        namespaces.add(made);
        return made;
    }

    @AfterEach
    void end() {
        namespaces.forEach(NetNamespace::close);
    }

    private static String run(NetNamespace where, String command) throws Exception {
        if (NetNamespace.findCommand(command.split(" ", 2)[0]) == null) {
            TapRequirement.refuse("needs the command " + command.split(" ", 2)[0]);
        }
        Process process = where.start(new ProcessBuilder(command.split(" ")).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), command + ": " + output);
        return output;
    }

    /** pen0 - first - (1400 bytes) - second - last: networks 10.1, 10.2 and 10.3. */
    private NetNamespace chain() throws Exception {
        TapRequirement.check();
        NetNamespace first = namespace();
        NetNamespace second = namespace();
        NetNamespace last = namespace();
        String secondPid =
                Long.toString(second.start(new ProcessBuilder("sleep", "100")).pid());
        String lastPid =
                Long.toString(last.start(new ProcessBuilder("sleep", "100")).pid());
        for (NetNamespace each : namespaces) {
            // Linux sends a peer one error a second; several traces follow each other here.
            run(each, "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0");
        }
        for (String line : List.of(
                "ip tuntap add pen0 mode tap",
                "ip addr add 10.1.0.1/24 dev pen0",
                "ip addr add 2001:db8:1::1/64 dev pen0 nodad",
                "ip link set pen0 up",
                "ip link add v0 type veth peer name v1 netns " + secondPid,
                "ip addr add 10.2.0.1/24 dev v0",
                "ip addr add 2001:db8:2::1/64 dev v0 nodad",
                "ip link set v0 mtu 1400 up",
                "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")) {
            run(first, line);
        }
        for (String line : List.of(
                "ip addr add 10.2.0.2/24 dev v1",
                "ip addr add 2001:db8:2::2/64 dev v1 nodad",
                "ip link set v1 mtu 1400 up",
                "ip link add v2 type veth peer name v3 netns " + lastPid,
                "ip addr add 10.3.0.1/24 dev v2",
                "ip addr add 2001:db8:3::1/64 dev v2 nodad",
                "ip link set v2 up",
                "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
                "ip route add 10.1.0.0/24 via 10.2.0.1",
                "ip -6 route add 2001:db8:1::/64 via 2001:db8:2::1",
                "ip route add unreachable 10.9.0.0/16",
                "ip route add prohibit 10.8.0.0/16")) {
            run(second, line);
        }
        for (String line : List.of(
                "ip addr add 10.3.0.2/24 dev v3",
                "ip addr add 2001:db8:3::2/64 dev v3 nodad",
                "ip link set v3 up",
                "ip route add default via 10.3.0.1",
                "ip -6 route add default via 2001:db8:3::1")) {
            run(last, line);
        }
        run(first, "ip route add 10.0.0.0/8 via 10.2.0.2");
        run(first, "ip -6 route add 2001:db8:3::/64 via 2001:db8:2::2");
        return first;
    }

    private static Run penstock(NetNamespace where, String verb, String[] tap, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(verb));
        words.addAll(Arrays.asList(tap));
        words.addAll(Arrays.asList(more));
        return where.call(() -> Run.of(words.toArray(String[]::new)));
    }

    /** The addresses of the hops, one for each line. */
    private static List<String> hops(String output) {
        return output.lines()
                .filter(l -> l.matches(" *[0-9]+ .*"))
                .map(l -> l.strip().split(" +", -1)[1])
                .toList();
    }

    @Test
    void eachMethodFindsTheRoutersThatTheKernelFinds() throws Exception {
        NetNamespace first = chain();
        List<String> kernels = hops(run(first, "traceroute -n -w 2 10.3.0.2"));
        assertEquals(List.of("10.2.0.2", "10.3.0.2"), kernels, "from the first router");
        List<String> expected = List.of("10.1.0.1", "10.2.0.2", "10.3.0.2");
        for (String method : new String[] {"-n", "-I", "-T"}) {
            Run run = penstock(first, "traceroute", V4, method, "10.3.0.2");
            assertEquals(0, run.code(), run.out() + run.err());
            assertEquals(
                    "traceroute to 10.3.0.2 (10.3.0.2), 30 hops max, 60 byte packets",
                    run.out().lines().findFirst().get());
            assertEquals(expected, hops(run.out()), method);
            String last = run.out().strip().lines().reduce((a, b) -> b).get();
            assertTrue(last.matches(" ?3  10\\.3\\.0\\.2(  [0-9.]+ ms| \\*){3}"), run.out());
            assertTrue(last.contains(" ms"), run.out());
        }
        Run part = penstock(first, "traceroute", V4, "-f", "2", "-m", "2", "-q", "1", "10.3.0.2");
        assertEquals(List.of("10.2.0.2"), hops(part.out()));
        assertEquals(1, part.code(), "it was not reached");
        for (String method : new String[] {"-n", "-I"}) {
            Run six = penstock(first, "traceroute", V6, method, "2001:db8:3::2");
            assertEquals(0, six.code(), six.out() + six.err());
            assertEquals(List.of("2001:db8:1::1", "2001:db8:2::2", "2001:db8:3::2"), hops(six.out()), method);
        }
    }

    @Test
    void whatEndsTheWayIsMarked() throws Exception {
        NetNamespace first = chain();
        Run unreachable = penstock(first, "traceroute", V4, "-w", "1", "10.9.0.1");
        assertEquals(1, unreachable.code());
        assertTrue(unreachable.out().contains(" ms !H"), unreachable.out());
        Run forbidden = penstock(first, "traceroute", V4, "-w", "1", "10.8.0.1");
        assertTrue(forbidden.out().contains(" ms !X"), forbidden.out());
        Run big = penstock(first, "traceroute", V4, "-w", "1", "-F", "10.3.0.2", "1500");
        assertTrue(big.out().contains(" !F-1400"), big.out());
    }

    @Test
    void tracepathFindsTheNarrowLink() throws Exception {
        NetNamespace first = chain();
        for (boolean six : new boolean[] {false, true}) {
            String target = six ? "2001:db8:3::2" : "10.3.0.2";
            Run run = penstock(first, "tracepath", six ? V6 : V4, target);
            assertEquals(0, run.code(), run.out() + run.err());
            assertTrue(run.out().contains(" 1?: [LOCALHOST]"), run.out());
            assertTrue(run.out().contains(six ? "2001:db8:1::1" : "10.1.0.1"), run.out());
            assertTrue(run.out().lines().anyMatch(l -> l.endsWith("ms pmtu 1400")), run.out());
            assertTrue(run.out().contains("Resume: pmtu 1400 hops 3"), run.out());
        }
    }

    @Test
    void answersFromDifferentRoutersAreToldApart() {
        IpAddress one = IpAddress.parse("192.0.2.1");
        IpAddress two = IpAddress.parse("192.0.2.2");
        List<Hop> answers =
                List.of(new Hop(one, 1_500_000, false, "", 0, 0), Hop.SILENCE, new Hop(two, 250_000, true, "!N", 0, 0));
        assertEquals(" 7  192.0.2.1  1.500 ms * 192.0.2.2  0.250 ms !N", TracerouteCommand.line(7, answers));
    }

    @Test
    void wrongUseIsRefusedWithTheRemedy() {
        for (String[] wrong : new String[][] {
            {"-f", "0", "1.2.3.4"},
            {"-I", "-T", "1.2.3.4"},
            {"-q", "99", "1.2.3.4"},
            {"1.2.3.4", "5"},
            {"-p", "65535", "1.2.3.4"}
        }) {
            List<String> words = new ArrayList<>(List.of("traceroute", "--addr", "192.0.2.2/24"));
            words.addAll(Arrays.asList(wrong));
            Run run = Run.of(words.toArray(String[]::new));
            assertEquals(2, run.code(), String.join(" ", words));
            assertTrue(run.err().contains("give "), run.err());
        }
    }
}
