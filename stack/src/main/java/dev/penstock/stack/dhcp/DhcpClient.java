package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.Invariant;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * The client of one interface: the state machine of RFC 2131, section 4.4. Told of messages, of time, of the link and of what
 * ARP finds; acts through a {@link ClientPort}. In whatever state it is but {@code STOPPED} and {@code LINK_DOWN}, a deadline
 * is set: it never ceases to try. Shard thread.
 */
final class DhcpClient extends Deadline {
    private static final long SECOND = DhcpConfig.SECOND;

    /** RFC 2131, 3.1.5: "might retransmit the DHCPREQUEST message four times, for a total delay of 60 seconds". */
    private static final int MAX_REQUESTS = 4;

    private static final int MAX_REBOOT_REQUESTS = 2;

    private final DhcpConfig config;
    private final ClientPort port;
    private final ClientListener listener;
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    private final Counters counters;
    private final ReplyReader reader;
    private final MessageWriter writer;
    private final Offers offers = new Offers();

    private DhcpState state = DhcpState.STOPPED;
    private int xid;
    /** When the present attempt to get a lease began, for {@code secs}. */
    private long begunNs;

    private int secs;
    /** Retransmissions of the present message. */
    private int attempts;
    /** When the first request of this transaction went out: the lease counts from there. */
    private long requestNs;

    private DhcpReply chosen;
    /** Asked for before others: had before, at another start or another link. */
    private DhcpLease remembered;
    /** Preferred among offers, 32 bits, 0 for none. */
    private int wantedAddress;

    private LeaseTimes times;
    private DhcpLease lease;
    /** The lease's address is usable, and what came with it holds. */
    private boolean applied;

    private int conflicts;
    private int naks;

    /** What the client tells of itself; the interface is known to who listens. */
    interface ClientListener {
        void onState(DhcpState before, DhcpState now, long nowNs);

        void onLease(DhcpLease lease, boolean renewed, long nowNs);

        void onLeaseLost(DhcpLease lease, DhcpListener.Loss why, long nowNs);
    }

    DhcpClient(
            DhcpConfig config,
            ClientPort port,
            ClientListener listener,
            DeadlineQueue deadlines,
            RandomSource random,
            Counters counters) {
        config.check();
        this.config = config;
        this.port = port;
        this.listener = listener;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
        this.reader = new ReplyReader(counters);
        this.writer = new MessageWriter(config, port.mac());
        this.remembered = config.previousLease;
    }

    DhcpState state() {
        return state;
    }

    /** The lease in use, or null. */
    DhcpLease lease() {
        return applied ? lease : null;
    }

    /** When the lease in use ends; {@link Deadline#NEVER}. */
    long leaseEndNs() {
        return applied ? times.endNs() : NEVER;
    }

    // What happens from outside.

    void start(long nowNs) {
        if (port.isUp()) {
            begin(nowNs);
        } else {
            enter(DhcpState.LINK_DOWN, NEVER, nowNs);
        }
    }

    /** From the beginning, with the lease of before if there is one. */
    private void begin(long nowNs) {
        begunNs = nowNs;
        long delay = (long) (random.nextDouble() * config.initialDelayNs);
        enter(remembered != null ? DhcpState.INIT_REBOOT : DhcpState.INIT, nowNs + delay, nowNs);
    }

    /** The link has gone. What is lent stays in use: nobody can tell yet whether it will be another network. */
    void onLinkDown(long nowNs) {
        if (state == DhcpState.STOPPED || state == DhcpState.LINK_DOWN) {
            return;
        }
        if (state == DhcpState.CHECKING) {
            port.withdraw(lease, nowNs);
            remembered = lease;
            lease = null;
        }
        if (applied) {
            remembered = lease;
        }
        enter(DhcpState.LINK_DOWN, NEVER, nowNs);
    }

    /** The link is back, maybe to another network: RFC 2131, 3.7, has the lease confirmed. */
    void onLinkUp(long nowNs) {
        if (state == DhcpState.LINK_DOWN) {
            begin(nowNs);
        }
    }

    /** Nobody else has the address. */
    void onUsable(long nowNs) {
        if (state == DhcpState.CHECKING) {
            bind(false, nowNs);
        }
    }

    /** Another station has the address, which is no longer ours. */
    void onConflict(long nowNs) {
        if (lease == null) {
            return;
        }
        counters.count(StackCounter.DHCP_DECLINES_OUT);
        // RFC 2131, 3.1.5: "If the client detects that the address is already in use, the client MUST send a
        // DHCPDECLINE message to the server and restarts the configuration process."
        writer.begin(DhcpOption.DECLINE, newXid(), 0, false, 0)
                .requested(lease.address().address().v4Bits())
                .server(lease.server().v4Bits())
                .reason("the address is in use");
        port.broadcast(0, writer.buffer(), writer.end(), nowNs);
        lose(DhcpListener.Loss.CONFLICT, nowNs);
        remembered = null;
        wantedAddress = 0;
        conflicts++;
        if (state != DhcpState.LINK_DOWN) {
            enter(DhcpState.WAITING, nowNs + Delays.conflict(conflicts), nowNs);
        }
    }

    /**
     * Gives the lease back. True when that is done or there is none; else it is to be called again, as the way to the server
     * is not known yet.
     */
    boolean release(long nowNs) {
        if (!applied || !config.releaseOnClose || !port.isUp()) {
            return true;
        }
        int address = lease.address().address().v4Bits();
        writer.begin(DhcpOption.RELEASE, newXid(), 0, false, address)
                .server(lease.server().v4Bits());
        if (!port.unicast(address, lease.server().v4Bits(), writer.buffer(), writer.end(), nowNs)) {
            return false;
        }
        counters.count(StackCounter.DHCP_RELEASES_OUT);
        return true;
    }

    /** The end: the address is taken back, and nothing more is done. */
    void stop(long nowNs) {
        lose(DhcpListener.Loss.RELEASED, nowNs);
        offers.clear();
        enter(DhcpState.STOPPED, NEVER, nowNs);
    }

    // Time.

    @Override
    protected void onDeadline(long nowNs) {
        if (applied && nowNs >= times.endNs()) {
            expire(nowNs);
            return;
        }
        switch (state) {
            case INIT, WAITING -> discover(nowNs);
            case INIT_REBOOT -> reboot(nowNs);
            case SELECTING -> {
                if (offers.size() == 0) {
                    attempts++;
                    sendDiscover(nowNs);
                } else {
                    choose(nowNs);
                }
            }
            case REQUESTING -> retryRequest(nowNs);
            case REBOOTING -> retryReboot(nowNs);
            case CHECKING -> {
                // A lease that is over before the probing; or somebody took the address off the interface meanwhile.
                port.withdraw(lease, nowNs);
                lease = null;
                discover(nowNs);
            }
            case BOUND -> renew(nowNs);
            case RENEWING -> {
                if (nowNs >= times.t2Ns()) {
                    enter(DhcpState.REBINDING, NEVER, nowNs);
                }
                sendRenewal(nowNs);
            }
            case REBINDING -> sendRenewal(nowNs);
            default -> {
                /* STOPPED, LINK_DOWN: only the end of the lease is waited for. */
            }
        }
    }

    private void expire(long nowNs) {
        counters.count(StackCounter.DHCP_LEASES_EXPIRED);
        wantedAddress = lease.address().address().v4Bits();
        // RFC 2131, 4.4.5: "If the lease expires before the client receives a DHCPACK, the client moves to INIT
        // state, MUST immediately stop any other network processing".
        lose(DhcpListener.Loss.EXPIRED, nowNs);
        remembered = null;
        if (state == DhcpState.LINK_DOWN) {
            enter(state, NEVER, nowNs);
        } else {
            begunNs = nowNs;
            discover(nowNs);
        }
    }

    // Getting a lease.

    private void discover(long nowNs) {
        if (state == DhcpState.WAITING) {
            begunNs = nowNs;
        }
        newXid();
        attempts = 0;
        offers.clear();
        chosen = null;
        enter(DhcpState.SELECTING, NEVER, nowNs);
        sendDiscover(nowNs);
    }

    private void sendDiscover(long nowNs) {
        secs = secs(nowNs);
        requestNs = nowNs;
        writer.begin(DhcpOption.DISCOVER, xid, secs, isBroadcastAsked(), 0).requested(wantedAddress);
        if (config.rapidCommit) {
            writer.rapidCommit();
        }
        writer.wishes();
        port.broadcast(0, writer.buffer(), writer.end(), nowNs);
        counters.count(StackCounter.DHCP_DISCOVERS_OUT);
        schedule(nowNs + Delays.retransmission(attempts, random), nowNs);
    }

    /** Replies to the address that we do not have yet are taken; should the network lose them, others are asked for. */
    private boolean isBroadcastAsked() {
        return attempts >= 2;
    }

    private int secs(long nowNs) {
        return (int) Math.min(0xffff, Math.max(0, (nowNs - begunNs) / SECOND));
    }

    private void choose(long nowNs) {
        chosen = offers.takeBest(wantedAddress);
        attempts = 0;
        requestNs = nowNs;
        enter(DhcpState.REQUESTING, NEVER, nowNs);
        sendRequest(nowNs);
    }

    private void sendRequest(long nowNs) {
        // RFC 2131, 4.4.1: "the DHCPREQUEST message MUST use the same value in the DHCP message header's 'secs' field
        // and be sent to the same IP broadcast address as the original DHCPDISCOVER message".
        writer.begin(DhcpOption.REQUEST, xid, secs, isBroadcastAsked(), 0)
                .requested(chosen.address)
                .server(chosen.server)
                .wishes();
        port.broadcast(0, writer.buffer(), writer.end(), nowNs);
        counters.count(StackCounter.DHCP_REQUESTS_OUT);
        schedule(nowNs + Delays.retransmission(attempts, random), nowNs);
    }

    private void retryRequest(long nowNs) {
        attempts++;
        if (attempts < MAX_REQUESTS) {
            sendRequest(nowNs);
        } else {
            discover(nowNs);
        }
    }

    private void reboot(long nowNs) {
        newXid();
        attempts = 0;
        requestNs = nowNs;
        enter(DhcpState.REBOOTING, NEVER, nowNs);
        sendReboot(nowNs);
    }

    private void sendReboot(long nowNs) {
        // RFC 2131, 4.3.2, INIT-REBOOT: "'server identifier' MUST NOT be filled in, 'requested IP address' option
        // MUST be filled in with client's notion of its previously assigned address. 'ciaddr' MUST be zero."
        writer.begin(DhcpOption.REQUEST, xid, secs(nowNs), isBroadcastAsked(), 0)
                .requested(remembered.address().address().v4Bits())
                .wishes();
        port.broadcast(0, writer.buffer(), writer.end(), nowNs);
        counters.count(StackCounter.DHCP_REQUESTS_OUT);
        schedule(nowNs + Delays.retransmission(attempts, random), nowNs);
    }

    private void retryReboot(long nowNs) {
        attempts++;
        if (attempts < MAX_REBOOT_REQUESTS) {
            sendReboot(nowNs);
            return;
        }
        if (applied) {
            // RFC 2131, 3.2: "If the client receives neither a DHCPACK or a DHCPNAK message ... the client MAY choose
            // to use the previously allocated network address and configuration parameters for the remainder of the
            // unexpired lease." It is in use, and connections over it may live.
            enter(DhcpState.BOUND, Math.max(nowNs, times.t1Ns()), nowNs);
            return;
        }
        wantedAddress = remembered.address().address().v4Bits();
        remembered = null;
        discover(nowNs);
    }

    // Keeping it.

    private void renew(long nowNs) {
        begunNs = nowNs;
        enter(DhcpState.RENEWING, NEVER, nowNs);
        sendRenewal(nowNs);
    }

    /** Each attempt is a transaction of its own, so that it is known from when on the lease counts. */
    private void sendRenewal(long nowNs) {
        int address = lease.address().address().v4Bits();
        newXid();
        requestNs = nowNs;
        writer.begin(DhcpOption.REQUEST, xid, secs(nowNs), false, address).wishes();
        int length = writer.end();
        if (state == DhcpState.RENEWING) {
            port.unicast(address, lease.server().v4Bits(), writer.buffer(), length, nowNs);
        } else {
            port.broadcast(address, writer.buffer(), length, nowNs);
        }
        counters.count(StackCounter.DHCP_REQUESTS_OUT);
        long end = state == DhcpState.RENEWING ? times.t2Ns() : times.endNs();
        schedule(Math.min(end, nowNs + Delays.renewal(end - nowNs, times.lengthNs())), nowNs);
    }

    // Messages.

    /**
     * A message for this station came in.
     *
     * @return null, or why it is of no use
     */
    DropReason onMessage(DirectBuffer buffer, int offset, int length, long nowNs) {
        DhcpReply reply = new DhcpReply();
        DropReason reason = reader.read(buffer, offset, length, reply);
        if (reason != null) {
            return reason;
        }
        // RFC 6842, 3: a reply whose client identifier is not the one that was sent is silently discarded.
        boolean ours = reply.xid == xid
                && reply.chaddr == port.mac()
                && (reply.clientIdentifier == null || Arrays.equals(reply.clientIdentifier, writer.clientIdentifier()));
        if (!ours) {
            return DropReason.DHCP_UNMATCHED;
        }
        return switch (reply.type) {
            case DhcpOption.OFFER -> onOffer(reply, nowNs);
            case DhcpOption.ACK -> onAck(reply, nowNs);
            case DhcpOption.NAK -> onNak(reply, nowNs);
            default -> DropReason.DHCP_UNEXPECTED;
        };
    }

    private DropReason onOffer(DhcpReply offer, long nowNs) {
        if (state != DhcpState.SELECTING) {
            return DropReason.DHCP_UNEXPECTED;
        }
        counters.count(StackCounter.DHCP_OFFERS_IN);
        if (isIpv6Only(offer)) {
            doWithoutIpv4(offer, nowNs);
            return null;
        }
        if (offer.lease == null) {
            return DropReason.DHCP_BAD_LEASE;
        }
        if (!offers.add(offer)) {
            return DropReason.DHCP_OFFER_LIMIT;
        }
        if (config.offerWaitNs == 0) {
            choose(nowNs);
        } else if (offers.size() == 1) {
            schedule(nowNs + config.offerWaitNs, nowNs);
        }
        return null;
    }

    /** Whether the message is from the server that we deal with; in the states not named, any may answer. */
    private boolean isFromOurServer(DhcpReply reply) {
        return switch (state) {
            case REQUESTING -> reply.server == chosen.server;
            case RENEWING -> reply.server == lease.server().v4Bits();
            default -> true;
        };
    }

    private DropReason onAck(DhcpReply ack, long nowNs) {
        int expected;
        switch (state) {
            case SELECTING -> expected = config.rapidCommit && ack.rapidCommit ? ack.address : 0;
            case REQUESTING -> expected = chosen.address;
            case REBOOTING -> expected = remembered.address().address().v4Bits();
            case RENEWING, REBINDING -> expected = lease.address().address().v4Bits();
            default -> expected = 0;
        }
        if (expected == 0) {
            return DropReason.DHCP_UNEXPECTED;
        }
        if (!isFromOurServer(ack)) {
            return DropReason.DHCP_UNMATCHED;
        }
        counters.count(StackCounter.DHCP_ACKS_IN);
        if (isIpv6Only(ack)) {
            doWithoutIpv4(ack, nowNs);
            return null;
        }
        LeaseTimes newTimes = ack.lease == null ? null : LeaseTimes.of(ack.lease, requestNs, random);
        if (newTimes == null || ack.address != expected || newTimes.endNs() <= nowNs) {
            return DropReason.DHCP_BAD_LEASE;
        }
        DhcpLease before = lease;
        if (applied && before.address().equals(ack.lease.address())) {
            lease = ack.lease;
            times = newTimes;
            bind(true, nowNs);
            return null;
        }
        boolean ours = applied;
        if (applied) {
            lose(DhcpListener.Loss.REPLACED, nowNs);
        }
        lease = ack.lease;
        times = newTimes;
        remembered = null;
        enter(DhcpState.CHECKING, Math.min(times.endNs(), nowNs + Delays.CHECK_LIMIT), nowNs);
        port.claim(lease, times.endNs(), config.probe && !ours, nowNs);
        return null;
    }

    private void bind(boolean renewed, long nowNs) {
        applied = true;
        remembered = null;
        wantedAddress = lease.address().address().v4Bits();
        conflicts = 0;
        naks = 0;
        counters.count(StackCounter.DHCP_LEASES);
        port.apply(lease, times.endNs(), nowNs);
        // Before the listener, who may ask for the state, is told of the lease.
        enter(DhcpState.BOUND, Math.max(times.t1Ns(), nowNs + Delays.LEAST_WAIT), nowNs);
        listener.onLease(lease, renewed, nowNs);
    }

    private DropReason onNak(DhcpReply nak, long nowNs) {
        boolean expected =
                switch (state) {
                    case REQUESTING, REBOOTING, RENEWING, REBINDING -> true;
                    default -> false;
                };
        if (!expected) {
            return DropReason.DHCP_UNEXPECTED;
        }
        if (!isFromOurServer(nak)) {
            return DropReason.DHCP_UNMATCHED;
        }
        counters.count(StackCounter.DHCP_NAKS_IN);
        lose(DhcpListener.Loss.REFUSED, nowNs);
        remembered = null;
        wantedAddress = 0;
        // RFC 2131, 3.1.5: "If the client receives a DHCPNAK message, the client restarts the configuration process."
        naks++;
        begunNs = nowNs;
        enter(naks == 1 ? DhcpState.INIT : DhcpState.WAITING, nowNs + Delays.refusal(naks), nowNs);
        return null;
    }

    private boolean isIpv6Only(DhcpReply reply) {
        return config.ipv6OnlyPreferred && reply.ipv6OnlySeconds >= 0;
    }

    /** RFC 8925, 3.2: no IPv4 address is asked for during V6ONLY_WAIT. */
    private void doWithoutIpv4(DhcpReply reply, long nowNs) {
        lose(DhcpListener.Loss.IPV6_ONLY, nowNs);
        remembered = null;
        offers.clear();
        enter(DhcpState.WAITING, nowNs + Delays.ipv6Only(reply.ipv6OnlySeconds), nowNs);
    }

    // Common.

    private void lose(DhcpListener.Loss why, long nowNs) {
        DhcpLease lost = lease;
        boolean told = applied;
        lease = null;
        applied = false;
        if (lost != null) {
            port.withdraw(lost, nowNs);
        }
        if (told) {
            listener.onLeaseLost(lost, why, nowNs);
        }
    }

    private int newXid() {
        xid = random.nextInt();
        return xid;
    }

    private void enter(DhcpState next, long deadlineNs, long nowNs) {
        DhcpState before = state;
        state = next;
        schedule(deadlineNs, nowNs);
        if (before != next) {
            listener.onState(before, next, nowNs);
        }
    }

    /** At the latest when the lease ends. */
    private void schedule(long atNs, long nowNs) {
        long at = applied ? Math.min(atNs, times.endNs()) : atNs;
        deadlines.schedule(this, at == NEVER ? NEVER : Math.max(at, nowNs));
    }

    /** Throws if the parts contradict each other. */
    void checkInvariants() {
        Invariant.check(!applied || lease != null, "what is applied is a lease");
        Invariant.check(!state.isBound() || applied, "bound means that the lease is in use");
        Invariant.check(offers.size() <= DhcpConfig.MAX_OFFERS, "offers are bounded");
        boolean rests = state == DhcpState.STOPPED
                || state == DhcpState.LINK_DOWN
                || (state == DhcpState.BOUND && times.endNs() == NEVER);
        Invariant.check(rests || isScheduled(), "it never ceases to try");
        Invariant.check(!applied || times.endNs() == NEVER || isScheduled(), "leases end");
    }
}
