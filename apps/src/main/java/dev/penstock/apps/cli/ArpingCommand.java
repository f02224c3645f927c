package dev.penstock.apps.cli;

import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Sends ARP requests, as the arping of iputils does. */
@Command(
        name = "arping",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {"Sends ARP requests from the stack, with the habits of arping (iputils)."},
        footer = {
            "",
            "Exit code: 0 when a reply came, 1 when none did; with -D the other way round; 2 for another failure.",
            "",
            "Example:",
            "  penstock arping --tap pen0 --addr 192.0.2.2/24 --host-addr 192.0.2.1/24 -c 3 192.0.2.1"
        })
final class ArpingCommand extends NeighborQuestions {
    @Parameters(paramLabel = "ADDRESS", converter = TapOptions.AddressConverter.class, description = "Whom to ask for.")
    private IpAddress target;

    @Override
    String title() {
        return "ARPING";
    }

    @Override
    String group() {
        return "broadcast";
    }

    @Override
    IpAddress target() {
        return target;
    }

    @Override
    void check() throws CliException {
        if (!target.isV4()) {
            throw CliException.usage(
                    "ARP is for IPv4: '" + target + "' is not an IPv4 address; for IPv6 there is ndping");
        }
    }

    @Override
    IpAddress prepare(TapStack tap, boolean duplicateDetection) throws IOException, CliException {
        IpAddress from = duplicateDetection ? IpAddress.ANY_V4 : tap.awaitAddress(PingCommand.ADDRESS_SECONDS);
        tap.stack().call(shard -> {
            watch(shard.ip());
            return null;
        });
        return from;
    }

    /** On the shard's thread. */
    private void watch(IpLayer ip) {
        ip.setArpMonitor(
                ip.interfaceAt(0), (nic, operation, senderMac, senderIp, targetMac, targetIp, toGroup, nowNs) -> {
                    if (senderIp == target.v4Bits()) {
                        answered(new Answer(senderMac, toGroup, System.nanoTime(), operation == 1));
                    }
                });
    }

    @Override
    void ask(TapStack tap, IpAddress from, long to) throws IOException {
        boolean queued = tap.stack().call(shard -> {
            IpInterface nic = shard.ip().interfaceAt(0);
            return shard.ip().sendArpRequest(nic, from, target, to);
        });
        if (!queued) {
            throw new IOException("the request could not be queued: is the interface up?");
        }
    }
}
