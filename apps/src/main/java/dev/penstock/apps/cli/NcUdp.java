package dev.penstock.apps.cli;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.MulticastMembership;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.Received;
import dev.penstock.stack.blocking.UdpSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** nc over UDP: what one read of the input gives is one datagram; a listener talks to whoever spoke first. */
final class NcUdp {
    private static final int MOST = 16_384;

    private final PenstockStack stack;
    private final NcStreams streams;
    private final List<GroupSpec> groups;
    private final int ttl;
    private final AtomicReference<Endpoint> peer = new AtomicReference<>();
    private final CountDownLatch peerKnown = new CountDownLatch(1);

    /** @param ttl 0 for the usual one */
    NcUdp(PenstockStack stack, NcStreams streams, List<GroupSpec> groups, int ttl) {
        this.stack = stack;
        this.streams = streams;
        this.groups = groups;
        this.ttl = ttl;
    }

    int run(Endpoint endpoint, boolean listen) throws IOException {
        boolean shared = !groups.isEmpty();
        try (UdpSocket socket = listen ? stack.udpSocket(endpoint, shared) : stack.udpSocket()) {
            if (ttl != 0) {
                socket.setTimeToLive(ttl);
                socket.setMulticastTimeToLive(ttl);
            }
            for (GroupSpec spec : groups) {
                join(socket, spec);
            }
            if (shared) {
                // One's own lines are on the screen already.
                socket.setMulticastLoop(false);
                talkTo(new Endpoint(groups.get(0).group(), socket.getLocalPort()));
            }
            if (listen) {
                streams.log.accept("Listening on " + endpoint.address() + " " + endpoint.port());
            } else {
                socket.connect(endpoint);
                talkTo(endpoint);
            }
            AtomicReference<IOException> failure = new AtomicReference<>();
            if (!streams.noInput) {
                Thread sender = new Thread(() -> send(socket, failure), "nc-input");
                sender.setDaemon(true);
                sender.start();
            }
            socket.setSoTimeout(streams.timeoutMillis);
            receive(socket);
            if (failure.get() != null) {
                throw failure.get();
            }
            return Main.OK;
        }
    }

    private void join(UdpSocket socket, GroupSpec spec) throws IOException {
        // With its socket it leaves.
        MulticastMembership joined =
                spec.source() == null ? socket.join(spec.group()) : socket.join(spec.group(), -1, spec.source());
        streams.log.accept("Joined " + joined);
    }

    private void talkTo(Endpoint endpoint) {
        peer.set(endpoint);
        peerKnown.countDown();
    }

    private void send(UdpSocket socket, AtomicReference<IOException> failure) {
        byte[] buffer = new byte[MOST];
        try {
            peerKnown.await();
            for (int n = streams.console.in().read(buffer);
                    n >= 0;
                    n = streams.console.in().read(buffer)) {
                socket.send(buffer, 0, n, peer.get());
            }
        } catch (IOException e) {
            failure.set(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void receive(UdpSocket socket) throws IOException {
        byte[] buffer = new byte[65_536];
        while (true) {
            Received got;
            try {
                got = socket.receive(buffer);
            } catch (SocketTimeoutException e) {
                return;
            }
            if (peer.get() == null) {
                streams.log.accept("Connection received on " + got.from().address() + " "
                        + got.from().port());
                talkTo(got.from());
                socket.connect(got.from());
            }
            streams.console.out().write(buffer, 0, got.length());
            streams.console.out().flush();
        }
    }
}
