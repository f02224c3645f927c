package dev.penstock.stack.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.dhcp.Messages.Reply;
import dev.penstock.stack.dhcp.Messages.Sent;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A client alone, in virtual time: its interface is here, and the test is the server. */
final class ClientLab implements ClientPort, DhcpClient.ClientListener {
    static final long SECOND = 1_000_000_000L;
    static final long MAC = 0x02_00_00_00_00_07L;

    final DhcpConfig config = new DhcpConfig();
    final Counters counters = new Counters();
    final DeadlineQueue deadlines = new DeadlineQueue();
    final DhcpClient client;
    final Deque<Sent> sent = new ArrayDeque<>();
    final List<String> told = new ArrayList<>();
    long now = 1000 * SECOND;
    boolean up = true;
    /** What finds out whether others have the address: null to leave that open. */
    Boolean free = true;
    /** The address on the interface, in use or being looked at, or null. */
    DhcpLease claimed;

    DhcpLease applied;
    boolean probed;
    boolean wayKnown = true;

    ClientLab(Consumer<DhcpConfig> settings) {
        this(7, settings);
    }

    ClientLab(long seed, Consumer<DhcpConfig> settings) {
        settings.accept(config);
        client = new DhcpClient(config, this, this, deadlines, RandomSource.seeded(seed), counters);
    }

    static ClientLab started() {
        return started(c -> {});
    }

    static ClientLab started(Consumer<DhcpConfig> settings) {
        ClientLab lab = new ClientLab(settings);
        lab.client.start(lab.now);
        return lab;
    }

    /** With a lease of 192.0.2.7/24 for an hour. */
    static ClientLab bound() {
        return bound(c -> {}, r -> {});
    }

    static ClientLab bound(Consumer<DhcpConfig> settings, Consumer<Reply> lease) {
        ClientLab lab = started(settings);
        Reply offer = lab.expect(1).answer(2).lease("192.0.2.7");
        lease.accept(offer);
        lab.accept(offer);
        Reply ack = lab.expect(3).answer(5).lease("192.0.2.7");
        lease.accept(ack);
        lab.accept(ack);
        assertEquals(DhcpState.BOUND, lab.client.state());
        lab.told.clear();
        return lab;
    }

    /** The server's message comes in. */
    DropReason receive(byte[] message) {
        DropReason reason = client.onMessage(new UnsafeBuffer(message), 0, message.length, now);
        client.checkInvariants();
        return reason;
    }

    void accept(Reply reply) {
        assertEquals(null, receive(reply.build()));
    }

    /** The next message of the client, which is of this type; time passes until it is there. */
    Sent expect(int type) {
        Sent message = expectAny();
        assertEquals(type, message.type());
        return message;
    }

    /** The next message of the client; time passes until it is there. */
    Sent expectAny() {
        for (int i = 0; i < 100 && sent.isEmpty() && deadlines.nextDeadlineNs() != Deadline.NEVER; i++) {
            now = Math.max(now, deadlines.nextDeadlineNs());
            deadlines.expire(now, 100);
            client.checkInvariants();
        }
        Sent message = sent.poll();
        assertNotNull(message, "nothing was sent");
        return message;
    }

    /** Lets time pass. */
    void advance(long ns) {
        long end = now + ns;
        while (deadlines.nextDeadlineNs() <= end) {
            now = Math.max(now, deadlines.nextDeadlineNs());
            deadlines.expire(now, 100);
            client.checkInvariants();
        }
        now = end;
    }

    /** Another station takes the address away. */
    void lose() {
        if (claimed != null) {
            claimed = null;
            client.onConflict(now);
        }
    }

    /** Whom the client wants an answer of. */
    int serverOf(Sent request) {
        return request.serverIdentifier() != 0
                ? request.serverIdentifier()
                : request.server() != 0 ? request.server() : Messages.ip("192.0.2.1");
    }

    long count(StackCounter counter) {
        return counters.get(counter);
    }

    @Override
    public boolean isUp() {
        return up;
    }

    @Override
    public long mac() {
        return MAC;
    }

    @Override
    public void broadcast(int source, DirectBuffer message, int length, long nowNs) {
        add(true, source, 0, message, length);
    }

    @Override
    public boolean unicast(int source, int server, DirectBuffer message, int length, long nowNs) {
        if (wayKnown) {
            add(false, source, server, message, length);
        }
        return wayKnown;
    }

    private void add(boolean broadcast, int source, int server, DirectBuffer message, int length) {
        byte[] bytes = new byte[length];
        message.getBytes(0, bytes);
        sent.add(Sent.of(now, broadcast, source, server, bytes));
    }

    @Override
    public void claim(DhcpLease lease, long endNs, boolean probe, long nowNs) {
        assertEquals(null, claimed, "one address at a time");
        claimed = lease;
        probed = probe;
        if (free == null) {
            return;
        }
        if (free) {
            client.onUsable(nowNs);
        } else {
            claimed = null;
            client.onConflict(nowNs);
        }
    }

    @Override
    public void apply(DhcpLease lease, long endNs, long nowNs) {
        assertEquals(claimed.address(), lease.address(), "only what was claimed is used");
        applied = lease;
    }

    @Override
    public void withdraw(DhcpLease lease, long nowNs) {
        claimed = null;
        applied = null;
    }

    @Override
    public void onState(DhcpState before, DhcpState state, long nowNs) {
        assertEquals(state, client.state());
    }

    @Override
    public void onLease(DhcpLease lease, boolean renewed, long nowNs) {
        told.add((renewed ? "renewed " : "lease ") + lease.address());
    }

    @Override
    public void onLeaseLost(DhcpLease lease, DhcpListener.Loss why, long nowNs) {
        told.add("lost " + lease.address() + " " + why);
    }
}
