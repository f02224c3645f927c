package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.kernel.InternetLayerRun.Outcome;
import dev.penstock.tap.TapRequirement;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Linux's tools against a stack with addresses of several origins, in short; {@code conformance/internet-layer} has more of it. */
class InternetLayerTest {
    @ParameterizedTest
    @CsvSource({"VLAN, 17", "SLAAC, 9", "DNSMASQ, 9"})
    @Timeout(120)
    void eachToolReachesTheStack(String way, int checks) throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands(
                "ip", "ping", "traceroute", "tracepath", "curl", "iperf3", "radvd", "dnsmasq", "kea-dhcp4");
        List<Outcome> outcomes = InternetLayerRun.run(ConfiguredHost.Way.valueOf(way), "-n 2M", "");
        assertEquals(List.of(), outcomes.stream().filter(o -> !o.good()).toList());
        assertEquals(checks, outcomes.size());
        assertTrue(outcomes.stream().anyMatch(o -> o.figure().contains("8 MiB equal")), outcomes::toString);
    }
}
