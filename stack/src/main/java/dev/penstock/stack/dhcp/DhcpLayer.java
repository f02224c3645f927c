package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.udp.UdpLayer;
import dev.penstock.stack.wire.DhcpHeader;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** The DHCP clients of a shard, one for each interface that asks for its address. Shard thread. */
public final class DhcpLayer implements UdpHandler {
    private final IpLayer ip;
    private final UdpLayer udp;
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    private final Counters counters;
    private final List<DhcpInterface> clients = new ArrayList<>();
    private UdpEndpoint endpoint;

    public DhcpLayer(IpLayer ip, UdpLayer udp, DeadlineQueue deadlines, RandomSource random, Counters counters) {
        this.ip = ip;
        this.udp = udp;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
    }

    /**
     * Has an interface get its address by DHCP, from now on.
     *
     * @param metric of the interface, at least 0: added to that of the lease's routes
     * @throws IllegalArgumentException if the configuration is wrong
     * @throws IllegalStateException if the interface has a client, or UDP port 68 is taken
     */
    public DhcpInterface start(IpInterface nic, DhcpConfig config, int metric, long nowNs) {
        if (client(nic) != null) {
            throw new IllegalStateException("the interface has a DHCP client already");
        }
        if (endpoint == null) {
            UdpEndpoint opened = udp.open(this);
            int bound =
                    opened == null ? UdpEndpoint.NO_PORTS : opened.bind(0, IpAddress.V4_PREFIX, DhcpHeader.CLIENT_PORT);
            if (bound != UdpEndpoint.OK) {
                if (opened != null) {
                    opened.close();
                }
                throw new IllegalStateException("UDP port 68 is taken: DHCP needs it");
            }
            endpoint = opened;
        }
        DhcpInterface client = new DhcpInterface(config, nic, metric, ip, udp, deadlines, random, counters, this);
        clients.add(client);
        ip.addAddressListener(client);
        client.start(nowNs);
        return client;
    }

    /** The client of an interface, or null. */
    public DhcpInterface client(IpInterface nic) {
        for (int i = 0; i < clients.size(); i++) {
            if (clients.get(i).nic() == nic) {
                return clients.get(i);
            }
        }
        return null;
    }

    /** All of them; a copy. */
    public List<DhcpInterface> clients() {
        return List.copyOf(clients);
    }

    /** Once in each duty cycle. */
    public void poll(long nowNs) {
        for (int i = 0; i < clients.size(); i++) {
            clients.get(i).watchLink(nowNs);
        }
    }

    /** Gives the leases back whose servers can be reached. True when nothing is left to be done; else call it again. */
    public boolean release(long nowNs) {
        boolean done = true;
        for (int i = clients.size() - 1; i >= 0; i--) {
            DhcpInterface client = clients.get(i);
            if (client.release(nowNs)) {
                client.stop(nowNs);
                client.close();
                clients.remove(i);
            } else {
                done = false;
            }
        }
        return done;
    }

    /** Ends all, without a word to any server. */
    public void close() {
        clients.forEach(DhcpInterface::close);
        clients.clear();
        if (endpoint != null) {
            endpoint.close();
            endpoint = null;
        }
    }

    /** Throws if the parts of a client contradict each other. */
    public void checkInvariants() {
        clients.forEach(DhcpInterface::checkInvariants);
    }

    @Override
    public void onDatagram(
            DirectBuffer buffer,
            int offset,
            int length,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {
        if (length < DhcpHeader.LENGTH) {
            ip.drop(DropReason.DHCP_TRUNCATED);
            return;
        }
        long station = DhcpHeader.chaddr(buffer, offset);
        DropReason reason = DropReason.DHCP_UNMATCHED;
        for (int i = 0; i < clients.size(); i++) {
            DhcpInterface client = clients.get(i);
            // VLANs on one port share its MAC address; the transaction tells them apart.
            if (client.mac() == station && reason != null) {
                reason = client.onMessage(buffer, offset, length, nowNs);
            }
        }
        if (reason != null) {
            ip.drop(reason);
        }
    }
}
