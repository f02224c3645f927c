package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PacketSocket;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.NdpMessage;
import java.io.IOException;
import java.security.SecureRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Sends neighbour solicitations (RFC 4861), with the habits of arping. They pass the stack's own neighbour cache by. */
@Command(
        name = "ndping",
        mixinStandardHelpOptions = true,
        descriptionHeading = "%n",
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        description = {"Sends IPv6 neighbour solicitations from the stack: what arping is for IPv4."},
        footer = {
            "",
            "Exit code: 0 when a reply came, 1 when none did; with -D the other way round; 2 for another failure.",
            "",
            "Examples:",
            "  penstock ndping --tap pen0 --addr 2001:db8::2/64 --host-addr 2001:db8::1/64 -c 3 2001:db8::1",
            "  penstock ndping --tap pen0 --slaac -D fe80::1%pen0"
        })
final class NdpingCommand extends NeighborQuestions {
    private static final int MESSAGE = EthernetHeader.LENGTH + Ipv6Header.LENGTH;
    private static final int TARGET = MESSAGE + Icmpv6Header.LENGTH;
    private static final int LEAST = MESSAGE + NdpMessage.NEIGHBOR_LENGTH;

    @Parameters(
            paramLabel = "ADDRESS",
            converter = TapOptions.TargetConverter.class,
            description = "Whom to ask for; a link-local address may name its interface, as fe80::1%%pen0.")
    private Endpoint asked;

    private final SecureRandom random = new SecureRandom();
    private PacketSocket socket;

    @Override
    String title() {
        return "NDPING";
    }

    @Override
    String group() {
        return "multicast";
    }

    @Override
    IpAddress target() {
        return asked.address();
    }

    @Override
    void check() throws CliException {
        if (target().isV4() || target().isMulticast() || target().isAny()) {
            throw CliException.usage("neighbours are asked for by a unicast IPv6 address: '" + target()
                    + "' is none; for IPv4 there is arping");
        }
    }

    @Override
    IpAddress prepare(TapStack tap, boolean duplicateDetection) throws IOException, CliException {
        PenstockStack stack = tap.stack();
        int nic = Math.max(0, tap.zone(asked));
        IpAddress from = duplicateDetection ? IpAddress.ANY : tap.awaitVerifiedSource(asked, nic);
        socket = stack.packetSocket(nic, EthernetHeader.TYPE_IPV6, this::isAnswer);
        Thread reader = new Thread(this::read, "ndping-read");
        reader.setDaemon(true);
        reader.start();
        return from;
    }

    /** An advertisement of the target, or somebody who looks whether it is taken. Shard thread. */
    private boolean isAnswer(DirectBuffer frame, int at, int length, boolean outgoing) {
        if (outgoing
                || length < LEAST
                || Ipv6Header.nextHeader(frame, at + EthernetHeader.LENGTH) != IpProtocol.ICMPV6
                || Ipv6Header.hopLimit(frame, at + EthernetHeader.LENGTH) != NdpMessage.HOP_LIMIT
                || frame.getLong(at + TARGET, java.nio.ByteOrder.BIG_ENDIAN) != target().hi()
                || frame.getLong(at + TARGET + 8, java.nio.ByteOrder.BIG_ENDIAN) != target().lo()) {
            return false;
        }
        int type = Icmpv6Header.type(frame, at + MESSAGE);
        return type == Icmpv6Header.NEIGHBOR_ADVERTISEMENT
                || (type == Icmpv6Header.NEIGHBOR_SOLICITATION && isFromNobody(frame, at + EthernetHeader.LENGTH));
    }

    private static boolean isFromNobody(DirectBuffer frame, int ip) {
        return Ipv6Header.sourceHi(frame, ip) == 0 && Ipv6Header.sourceLo(frame, ip) == 0;
    }

    private void read() {
        byte[] bytes = new byte[2048];
        UnsafeBuffer frame = new UnsafeBuffer(bytes);
        try {
            while (true) {
                socket.receive(bytes);
                long now = System.nanoTime();
                long mac = EthernetHeader.source(frame, 0);
                boolean toGroup = MacAddress.isGroup(EthernetHeader.destination(frame, 0));
                boolean request = Icmpv6Header.type(frame, MESSAGE) == Icmpv6Header.NEIGHBOR_SOLICITATION;
                answered(new Answer(mac, toGroup, now, request));
            }
        } catch (IOException e) {
            // The stack was closed: so is everything here.
        }
    }

    @Override
    void ask(TapStack tap, IpAddress from, long to) throws IOException {
        UnsafeBuffer frame = new UnsafeBuffer(new byte[128]);
        boolean group = to == MacAddress.NONE;
        IpAddress t = target();
        IpAddress dst = group ? new IpAddress(0xff02_0000_0000_0000L, IpAddress.solicitedNodeLo(t.lo())) : t;
        long mac = tap.stack().macAddress();
        // RFC 7527, 4: a nonce, so that a probe of ours that comes back is known.
        int length = from.isAny()
                ? NdpMessage.putProbe(frame, MESSAGE, t.hi(), t.lo(), random.nextLong() >>> 16)
                : NdpMessage.putSolicitation(frame, MESSAGE, t.hi(), t.lo(), mac);
        EthernetHeader.put(frame, 0, group ? MacAddress.forIpv6Multicast(dst.lo()) : to, mac, EthernetHeader.TYPE_IPV6);
        Ipv6Header.put(
                frame,
                EthernetHeader.LENGTH,
                0,
                0,
                length,
                IpProtocol.ICMPV6,
                NdpMessage.HOP_LIMIT,
                from.hi(),
                from.lo(),
                dst.hi(),
                dst.lo());
        int pseudo = InternetChecksum.pseudoHeader(from.hi(), from.lo(), dst.hi(), dst.lo(), IpProtocol.ICMPV6, length);
        Icmpv6Header.putChecksum(frame, MESSAGE, length, pseudo);
        socket.send(frame.byteArray(), 0, MESSAGE + length);
    }
}
