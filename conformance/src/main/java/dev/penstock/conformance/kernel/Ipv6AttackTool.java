package dev.penstock.conformance.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A tool that attacks the stack's IPv6, and its command line on the kernel's side of a link; most are of thc-ipv6.
 *
 * @param seconds after which it is interrupted, if it has not ended: most send until then
 */
public record Ipv6AttackTool(String name, int seconds, List<String> command) {
    /** The stack's address. */
    public static final String STACK = "2001:db8:9::2";
    /** The kernel's, which keeps a connection. */
    public static final String KERNEL = "2001:db8:9::1";
    /** Nobody's, on the link. */
    private static final String NOBODY = "2001:db8:9::dead";

    /** A network that the kernel believes to be behind the stack. */
    static final String BEHIND = "2001:db8:aa::/64";

    private static final int WARNING = 6;
    private static final String FAR = "2001:db8:77::1";
    private static final String NEW_ROUTER = "fe80::bad";

    static Ipv6AttackTool thc(int seconds, String line) {
        List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
        words.set(0, "atk6-" + words.get(0));
        return new Ipv6AttackTool(line, seconds, List.copyOf(words));
    }

    /** Starts the tool with a limit, and interrupts it then; it has another two seconds to end. */
    String[] bounded() {
        List<String> all = new ArrayList<>(List.of("timeout", "-s", "INT", "-k", "2", Integer.toString(seconds)));
        all.addAll(command);
        return all.toArray(new String[0]);
    }

    /**
     * All of them.
     *
     * @param seconds for each of those that never end
     * @param router the link-local address of the kernel's side
     */
    public static List<Ipv6AttackTool> all(int seconds, String router) {
        List<Ipv6AttackTool> all = new ArrayList<>();
        for (String line : List.of(
                "alive6 pen0 " + STACK,
                "flood_router26 pen0",
                "flood_router26 -F pen0 " + STACK,
                "fake_router26 -A 2001:db8:66::/64 -R 2001:db8:67::/48 -D 2001:db8:66::53 -i 1 pen0",
                "kill_router6 pen0 " + router,
                "flood_rs6 -sS pen0 " + STACK,
                "flood_advertise6 pen0 " + STACK,
                "flood_solicitate6 pen0 " + STACK + " " + STACK,
                "fake_advertise6 -w 1 pen0 " + STACK + " " + STACK,
                "fake_advertise6 -w 1 pen0 " + NOBODY + " " + STACK + " 02:00:00:00:0b:ad",
                "fake_solicitate6 pen0 " + STACK + " " + STACK,
                "redir6 pen0 " + STACK + " " + FAR + " " + router + " " + NEW_ROUTER,
                "flood_redir6 pen0",
                "toobig6 pen0 " + STACK + " " + KERNEL + " 1280",
                "toobig6 -u pen0 " + STACK + " " + KERNEL + " 600",
                "flood_unreach6 pen0 " + STACK,
                "fragmentation6 -f pen0 " + STACK + " 1",
                "fragmentation6 -f pen0 " + STACK + " 9",
                "implementation6 pen0 " + STACK,
                "exploit6 pen0 " + STACK,
                "denial6 pen0 " + STACK + " 1",
                "denial6 pen0 " + STACK + " 2",
                "denial6 pen0 " + STACK + " 3",
                "denial6 pen0 " + STACK + " 4",
                "denial6 pen0 " + STACK + " 5",
                "denial6 pen0 " + STACK + " 6",
                "denial6 pen0 " + STACK + " 7",
                "smurf6 pen0 " + STACK,
                "rsmurf6 pen0 " + STACK,
                "sendpees6 pen0 1024 2001:db8:9:: " + STACK,
                "flood_mld6 pen0",
                "flood_mld26 pen0",
                "flood_mldrouter6 pen0",
                "ndpexhaust26 pen0 " + BEHIND,
                "randicmp6 pen0 " + STACK,
                "thcsyn6 -r pen0 " + STACK + " 80",
                "thcsyn6 -A -R pen0 " + STACK + " 80",
                "firewall6 pen0 " + STACK + " 80",
                "fuzz_ip6 -x -2 -4 -I pen0 " + STACK)) {
            boolean waits = line.startsWith("implementation6") || line.startsWith("firewall6");
            // It tells for five seconds that routers are hit, too.
            boolean warns = line.matches("denial6 .* [134567]");
            all.add(thc(waits ? 4 * seconds : warns ? WARNING + seconds : seconds, line));
        }
        String ports = "T:1-100,8080,U:7,9,19,53,123";
        all.add(new Ipv6AttackTool(
                "nmap -6 -sS -sU -O -p " + ports,
                60,
                Arrays.asList(("nmap -6 -n -sS -sU -O -T4 --max-retries 1 --host-timeout 50s -p " + ports + " " + STACK)
                        .split(" "))));
        return all;
    }
}
