package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.ip.LearnedResolvers;
import dev.penstock.stack.ip.Origin;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.TapRequirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stack without any IPv6 configuration, and radvd in the kernel's namespace: it configures itself, and is reached. */
@Timeout(60)
class RadvdTest extends LinkFixture {
    private static final String FAR = "2001:db8:f::1";

    private Process radvd;

    private <T> T ask(Function<IpLayer, T> question) throws IOException {
        return link.stack().call(shard -> question.apply(shard.ip()));
    }

    private List<String> made() throws IOException {
        return ask(ip -> ip.addresses().list(ip.interfaceAt(0)).stream()
                .filter(a -> a.terms().origin() == Origin.SLAAC && a.usable() && !a.deprecated())
                .map(a -> a.prefix().address().toString())
                .toList());
    }

    private void advertise(String content) throws Exception {
        stopRadvd();
        Path config = Files.writeString(
                directory.resolve("radvd.conf"),
                "interface pen0 {\n AdvSendAdvert on;\n" + " MinRtrAdvInterval 3;\n MaxRtrAdvInterval 4;\n" + content
                        + "};\n");
        String pid = directory.resolve("radvd.pid").toString();
        radvd = link.onKernel(
                () -> new ProcessBuilder("radvd", "-n", "-m", "stderr_clean", "-C", config.toString(), "-p", pid)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("radvd.log").toFile())
                        .start());
    }

    private void stopRadvd() throws Exception {
        if (radvd != null) {
            radvd.destroy();
            radvd.waitFor();
        }
    }

    @Test
    void itConfiguresItselfAndFollowsWhatChanges() throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("radvd", "ping", "curl", "ip", "tracepath");
        link = new KernelLink.Setup()
                .httpRoot(served(1 << 20))
                .stack(b -> b.slaac(true))
                .open();
        try {
            ok("ip", "-6", "address", "add", "2001:db8:1::1/64", "dev", "pen0", "nodad");
            ok("ip", "-6", "address", "add", "2001:db8:2::1/64", "dev", "pen0", "nodad");
            ok("ip", "-6", "address", "add", FAR + "/128", "dev", "lo");
            advertise(" AdvLinkMTU 1400;\n prefix 2001:db8:1::/64 {};\n prefix 2001:db8:2::/64 {};\n"
                    + " RDNSS 2001:db8:1::53 {};\n DNSSL example.org {};\n");
            until("two addresses", () -> made().size() == 2);
            assertEquals(List.of("2001:db8:1::53"), ask(ip -> ip.resolvers().servers().stream()
                    .map(s -> s.address().toString())
                    .toList()));
            assertEquals(List.of("example.org"), ask(ip -> ip.resolvers().domains().stream()
                    .map(LearnedResolvers.Domain::name)
                    .toList()));
            int mtu = ask(ip -> ip.interfaceAt(0).mtuV6());
            assertEquals(1400, mtu);
            for (String ours : made()) {
                assertTrue(ok("ping", "-6", "-n", "-c", "3", "-i", "0.1", "-s", "1400", ours)
                        .output()
                        .contains(" 0% packet loss"));
                curl("-6", ours);
                // From an address that is not on the link: by way of the router.
                assertTrue(ok("ping", "-6", "-n", "-c", "2", "-i", "0.1", "-I", FAR, ours)
                        .output()
                        .contains(" 0% packet loss"));
                assertTrue(ok("tracepath", "-6", "-n", ours).output().contains("reached"));
            }
            assertTrue(link.stack()
                    .pingSocket()
                    .ping(IpAddress.parse(FAR), 56, 5000)
                    .isReply());
            IpAddress old = IpAddress.parse(made().stream()
                    .filter(a -> a.startsWith("2001:db8:1:"))
                    .findFirst()
                    .orElseThrow());
            advertise(" AdvDefaultLifetime 0;\n prefix 2001:db8:1::/64 { AdvPreferredLifetime 0;"
                    + " AdvValidLifetime 600; };\n prefix 2001:db8:2::/64 {};\n");
            until("deprecation", () -> made().size() == 1 && !made().contains(old.toString()));
            until(
                    "the end of the default router",
                    () -> ask(ip ->
                            ip.routerDiscovery(ip.interfaceAt(0)).routers().isEmpty()));
            stopRadvd();
            link.stop();
            assertEquals(List.of(), link.faults());
            assertEquals(0, link.stack().counters().get(StackCounter.SHARD_FAULTS));
            assertEquals("", link.stack().leaks());
        } finally {
            stopRadvd();
        }
    }
}
