package dev.penstock.stack.neighbor;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * The neighbours of all interfaces of a shard and their state machine (RFC 4861, section 7.3 and appendix C), for ARP
 * and for neighbour discovery. Bounded: at the limit the least useful entry goes, see {@link #obtain}. Shard thread.
 */
public final class NeighborCache {
    /** An answer that comes within this time is always heard. */
    private static final int LEAST_PATIENCE_MS = 100;

    private final NeighborConfig config;
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    private final Counters counters;
    private final NeighborTable table;
    /** Those that were asked for, the oldest first. */
    private final ArrayDeque<Neighbor> unknown = new ArrayDeque<>();

    private NeighborListener listener = (neighbor, reachable, nowNs) -> {};

    public NeighborCache(NeighborConfig config, DeadlineQueue deadlines, RandomSource random, Counters counters) {
        this.config = config;
        this.deadlines = deadlines;
        this.random = random;
        this.counters = counters;
        this.table = new NeighborTable(config.maxEntries(), SipHash.keyedFrom(random));
    }

    /** Sets who is told of neighbours that fail and recover. */
    public void setListener(NeighborListener newListener) {
        listener = newListener;
    }

    NeighborConfig config() {
        return config;
    }

    /** The entry, or null. */
    public Neighbor find(int interfaceIndex, long hi, long lo) {
        return table.find(interfaceIndex, hi, lo);
    }

    /**
     * The entry for a neighbour that something is to be sent to; a new one begins as INCOMPLETE and is asked for.
     *
     * <p>At the limit the oldest FAILED entry is evicted, or else the oldest STALE one that is no router, or else the oldest INCOMPLETE one
     * that nobody waits for, or else the oldest. Those that nobody has answered for are at most half of all: packets from
     * invented addresses must not push out the neighbours that we talk to (RFC 6583, section 7.1). One more ends the oldest
     * of them early, but none before it had {@value #LEAST_PATIENCE_MS} ms to answer.
     *
     * @param resolver asks for it
     * @return null when the table is full and none may go; counted as {@link DropReason#NEIGHBOR_TABLE_FULL}
     */
    public Neighbor obtain(NeighborResolver resolver, int interfaceIndex, long hi, long lo, long nowNs) {
        Neighbor neighbor = table.find(interfaceIndex, hi, lo);
        if (neighbor != null) {
            return neighbor;
        }
        if (!roomForUnknown(nowNs)) {
            counters.drop(DropReason.NEIGHBOR_TABLE_FULL);
            return null;
        }
        neighbor = create(resolver, interfaceIndex, hi, lo, nowNs);
        if (neighbor != null) {
            unknown.add(neighbor);
            neighbor.askedNs = nowNs;
            solicit(neighbor, MacAddress.NONE, nowNs);
        }
        return neighbor;
    }

    /** Makes room among those that are asked for; those that have answered meanwhile are taken out when their turn comes. */
    private boolean roomForUnknown(long nowNs) {
        while (unknown.size() >= Math.max(1, config.maxEntries() / 2)) {
            Neighbor oldest = unknown.peek();
            boolean waited = oldest.cached && oldest.state == NeighborState.INCOMPLETE;
            if (waited && nowNs - oldest.askedNs < LEAST_PATIENCE_MS * 1_000_000L) {
                return false;
            }
            unknown.poll();
            if (waited) {
                // By its deadline: who waits for it may be in the middle of something.
                oldest.solicits = config.maxMulticastSolicits();
                deadlines.schedule(oldest, nowNs);
            }
        }
        return true;
    }

    /**
     * A neighbour told its address without having been asked (RFC 4861, section 7.2.3): creates or updates the entry,
     * STALE if the address is new.
     */
    public void learn(NeighborResolver resolver, int interfaceIndex, long hi, long lo, long mac, long nowNs) {
        Neighbor neighbor = table.find(interfaceIndex, hi, lo);
        if (neighbor == null) {
            neighbor = create(resolver, interfaceIndex, hi, lo, nowNs);
            if (neighbor == null) {
                return;
            }
        }
        update(neighbor, mac, nowNs);
    }

    /** As {@link #learn}, for an entry that exists. */
    public void update(Neighbor neighbor, long mac, long nowNs) {
        boolean resolved = neighbor.state == NeighborState.INCOMPLETE || neighbor.state == NeighborState.FAILED;
        if (!resolved && neighbor.mac == mac) {
            return;
        }
        neighbor.verified = false;
        // RFC 4861, 7.2.3: "the cached address should be replaced by the received address, and the entry's
        // reachability state MUST be set to STALE."
        neighbor.mac = mac;
        neighbor.usedNs = nowNs;
        neighbor.state = NeighborState.STALE;
        deadlines.cancel(neighbor);
        if (resolved) {
            neighbor.wake(true, nowNs);
        }
    }

    /** A neighbour answered a solicitation of ours (RFC 4861, section 7.2.5): its entry, if there is one, is REACHABLE. */
    public void onSolicitedReply(Neighbor neighbor, long mac, long nowNs) {
        boolean asked = neighbor.state == NeighborState.INCOMPLETE || neighbor.state == NeighborState.PROBE;
        boolean same = neighbor.mac == mac;
        if (!asked && !(same && neighbor.state != NeighborState.FAILED)) {
            update(neighbor, mac, nowNs);
            return;
        }
        boolean resolved = neighbor.state == NeighborState.INCOMPLETE;
        neighbor.mac = mac;
        enterReachable(neighbor, nowNs);
        if (resolved) {
            neighbor.wake(true, nowNs);
        }
    }

    /**
     * A neighbour advertisement came about an entry (RFC 4861, section 7.2.5).
     *
     * @param mac what it tells, or {@code MacAddress.NONE} if it tells none
     * @param solicited it answers a solicitation of ours
     * @param override it may replace the address that is known
     * @return true when it was heeded, false when it is ignored
     */
    public boolean onAdvertisement(Neighbor neighbor, long mac, boolean solicited, boolean override, long nowNs) {
        boolean resolved = neighbor.state == NeighborState.INCOMPLETE || neighbor.state == NeighborState.FAILED;
        if (resolved) {
            // "If the link layer has addresses and no Target Link-Layer Address option is included, the receiving node
            // SHOULD silently discard the received advertisement."
            if (mac == MacAddress.NONE) {
                return false;
            }
        } else if (mac != MacAddress.NONE && mac != neighbor.mac && !override) {
            // "If the state of the entry is REACHABLE, set it to STALE, but do not update the entry in any other way.
            // Otherwise, the received advertisement should be ignored".
            doubt(neighbor);
            return false;
        }
        boolean changed = mac != MacAddress.NONE && mac != neighbor.mac;
        if (changed) {
            neighbor.mac = mac;
            neighbor.verified = false;
        }
        if (solicited) {
            enterReachable(neighbor, nowNs);
        } else if (changed || resolved) {
            neighbor.usedNs = nowNs;
            neighbor.state = NeighborState.STALE;
            deadlines.cancel(neighbor);
        }
        if (resolved) {
            neighbor.wake(true, nowNs);
        }
        return true;
    }

    void confirm(Neighbor neighbor, long nowNs) {
        switch (neighbor.state) {
            case REACHABLE -> neighbor.reachableUntilNs = nowNs + neighbor.resolver.baseReachableNs(config);
            case STALE, DELAY, PROBE, UNREACHABLE -> enterReachable(neighbor, nowNs);
            default -> {
                /* nothing is known that could be confirmed */
            }
        }
    }

    void doubt(Neighbor neighbor) {
        if (neighbor.state == NeighborState.REACHABLE) {
            neighbor.state = NeighborState.STALE;
            deadlines.cancel(neighbor);
        }
    }

    private void enterReachable(Neighbor neighbor, long nowNs) {
        // RFC 4861, 6.3.2: "a uniformly distributed random value between MIN_RANDOM_FACTOR and MAX_RANDOM_FACTOR
        // times BaseReachableTime", 0.5 and 1.5.
        long reachableNs = (long) (neighbor.resolver.baseReachableNs(config) * (0.5 + random.nextDouble()));
        neighbor.state = NeighborState.REACHABLE;
        neighbor.usedNs = nowNs;
        neighbor.reachableUntilNs = nowNs + reachableNs;
        deadlines.schedule(neighbor, neighbor.reachableUntilNs);
        if (!neighbor.verified) {
            neighbor.verified = true;
            listener.onReachability(neighbor, true, nowNs);
        }
    }

    void enterDelay(Neighbor neighbor, long nowNs) {
        neighbor.state = NeighborState.DELAY;
        deadlines.schedule(neighbor, nowNs + config.delayFirstProbeNs());
    }

    private void solicit(Neighbor neighbor, long unicastMac, long nowNs) {
        deadlines.schedule(neighbor, nowNs + neighbor.resolver.retransTimerNs(config));
        neighbor.postponed = !neighbor.resolver.canSolicit(neighbor.hi, neighbor.lo);
        if (!neighbor.postponed) {
            neighbor.solicits++;
            neighbor.resolver.solicit(neighbor.hi, neighbor.lo, unicastMac, nowNs);
        }
    }

    /** An interface has an address that may ask for neighbours: those are asked for that had to wait for one. */
    public void onSourceReady(int interfaceIndex, long nowNs) {
        for (int i = 0; i < table.capacity(); i++) {
            Neighbor n = table.at(i);
            if (n != null && n.postponed && n.interfaceIndex == interfaceIndex) {
                n.postponed = false;
                // Those that were answered or forgotten meanwhile have another deadline, or none.
                if (n.state == NeighborState.INCOMPLETE
                        || n.state == NeighborState.PROBE
                        || n.state == NeighborState.UNREACHABLE) {
                    deadlines.schedule(n, nowNs);
                }
            }
        }
    }

    void onDeadline(Neighbor neighbor, long nowNs) {
        switch (neighbor.state) {
            case INCOMPLETE -> {
                if (neighbor.solicits < config.maxMulticastSolicits()) {
                    solicit(neighbor, MacAddress.NONE, nowNs);
                } else {
                    fail(neighbor, nowNs);
                }
            }
            case REACHABLE -> {
                if (nowNs < neighbor.reachableUntilNs) {
                    deadlines.schedule(neighbor, neighbor.reachableUntilNs);
                } else {
                    neighbor.state = NeighborState.STALE;
                }
            }
            case DELAY -> {
                neighbor.state = NeighborState.PROBE;
                neighbor.solicits = 0;
                solicit(neighbor, neighbor.mac, nowNs);
            }
            case PROBE -> {
                if (neighbor.solicits < config.maxUnicastSolicits()) {
                    solicit(neighbor, neighbor.mac, nowNs);
                } else if (neighbor.resolver.isPatient() && config.maxUnreachableSolicits() > 0) {
                    enterUnreachable(neighbor, nowNs);
                } else {
                    // RFC 4861, 7.3.3: "retransmissions cease and the entry SHOULD be deleted. Subsequent traffic to
                    // that neighbor will recreate the entry and perform address resolution again."
                    giveUp(neighbor, nowNs);
                }
            }
            case UNREACHABLE -> probeUnreachable(neighbor, nowNs);
            default -> remove(neighbor);
        }
    }

    private void giveUp(Neighbor neighbor, long nowNs) {
        boolean told = neighbor.state == NeighborState.UNREACHABLE;
        counters.count(StackCounter.NEIGHBOR_FAILED);
        remove(neighbor);
        if (!told) {
            listener.onReachability(neighbor, false, nowNs);
        }
    }

    /**
     * RFC 7048, section 3: what has no alternative goes on being used, and asked for by multicast, for its link address may be
     * another now; with alternatives the route is found anew.
     */
    private void enterUnreachable(Neighbor neighbor, long nowNs) {
        neighbor.state = NeighborState.UNREACHABLE;
        neighbor.verified = false;
        neighbor.solicits = 0;
        counters.count(StackCounter.NEIGHBOR_UNREACHABLE);
        listener.onReachability(neighbor, false, nowNs);
        probeUnreachable(neighbor, nowNs);
    }

    /** Asks while something is sent; a neighbour that nobody wants is neither asked for nor given up. */
    private void probeUnreachable(Neighbor neighbor, long nowNs) {
        long backoff = neighbor.resolver.retransTimerNs(config);
        for (int i = 0; i < neighbor.solicits && backoff < NeighborConfig.MAX_RETRANS_NS; i++) {
            backoff *= NeighborConfig.BACKOFF_MULTIPLE;
        }
        if (neighbor.solicits == config.maxUnreachableSolicits()) {
            giveUp(neighbor, nowNs);
        } else if (neighbor.wanted && !neighbor.resolver.canSolicit(neighbor.hi, neighbor.lo)) {
            neighbor.postponed = true;
            deadlines.schedule(neighbor, nowNs + neighbor.resolver.retransTimerNs(config));
        } else if (neighbor.wanted) {
            neighbor.postponed = false;
            neighbor.wanted = false;
            neighbor.resolver.solicit(neighbor.hi, neighbor.lo, MacAddress.NONE, nowNs);
            deadlines.schedule(neighbor, nowNs + Math.min(backoff, NeighborConfig.MAX_RETRANS_NS));
            neighbor.solicits++;
        }
    }

    /** Something is sent to it again: so it is asked for again. */
    void onUnreachableUsed(Neighbor neighbor, long nowNs) {
        if (!neighbor.isScheduled()) {
            deadlines.schedule(neighbor, nowNs);
        }
    }

    /**
     * Asks a neighbour once whether it is there, without anything to be sent to it: RFC 4191, section 3.5. What it is used
     * for meanwhile goes on.
     */
    public void probeOnce(NeighborResolver resolver, int interfaceIndex, long hi, long lo, long nowNs) {
        Neighbor neighbor = table.find(interfaceIndex, hi, lo);
        if (neighbor == null) {
            neighbor = create(resolver, interfaceIndex, hi, lo, nowNs);
            if (neighbor != null) {
                neighbor.solicits = config.maxMulticastSolicits() - 1;
                solicit(neighbor, MacAddress.NONE, nowNs);
            }
        } else if (neighbor.state == NeighborState.UNREACHABLE) {
            neighbor.resolver.solicit(hi, lo, MacAddress.NONE, nowNs);
        } else if (neighbor.state == NeighborState.STALE || neighbor.state == NeighborState.DELAY) {
            neighbor.state = NeighborState.PROBE;
            neighbor.wanted = false;
            neighbor.solicits = config.maxUnicastSolicits() - 1;
            solicit(neighbor, neighbor.mac, nowNs);
        }
    }

    private void fail(Neighbor neighbor, long nowNs) {
        counters.count(StackCounter.NEIGHBOR_FAILED);
        neighbor.state = NeighborState.FAILED;
        listener.onReachability(neighbor, false, nowNs);
        deadlines.schedule(neighbor, nowNs + config.failedNs());
        neighbor.wake(false, nowNs);
    }

    private Neighbor create(NeighborResolver resolver, int interfaceIndex, long hi, long lo, long nowNs) {
        if (table.size() >= config.maxEntries() && !evictOne()) {
            counters.drop(DropReason.NEIGHBOR_TABLE_FULL);
            return null;
        }
        Neighbor neighbor = new Neighbor(this, resolver, interfaceIndex, hi, lo);
        neighbor.usedNs = nowNs;
        table.add(neighbor);
        return neighbor;
    }

    private boolean evictOne() {
        Neighbor victim = null;
        for (int i = 0; i < table.capacity(); i++) {
            Neighbor n = table.at(i);
            if (n != null && !n.hasWaiters() && n.hold(0) == 0 && (victim == null || goesBefore(n, victim))) {
                victim = n;
            }
        }
        if (victim == null) {
            return false;
        }
        counters.count(StackCounter.NEIGHBOR_EVICTED);
        remove(victim);
        return true;
    }

    private static boolean goesBefore(Neighbor a, Neighbor b) {
        int rankA = rank(a);
        int rankB = rank(b);
        return rankA < rankB || (rankA == rankB && a.usedNs < b.usedNs);
    }

    /** Routers stay as long as possible: strangers who flood the link must not make us forget the way out of it. */
    private static int rank(Neighbor neighbor) {
        return switch (neighbor.state) {
            case FAILED, UNREACHABLE -> 0;
            case STALE -> neighbor.router ? 3 : 1;
            case INCOMPLETE -> 2;
            default -> 3;
        };
    }

    /** Forgets an entry. Nobody may be waiting for it. */
    public void remove(Neighbor neighbor) {
        if (!neighbor.cached) {
            return;
        }
        neighbor.cached = false;
        deadlines.cancel(neighbor);
        table.remove(neighbor);
    }

    /** Forgets all entries and timers, telling nobody: the stack is being closed. */
    public void clear() {
        unknown.clear();
        for (int i = 0; i < table.capacity(); ) {
            if (table.at(i) == null) {
                i++;
            } else {
                remove(table.at(i));
            }
        }
    }

    /** Shows each entry to {@code consumer}, in no order. */
    public void forEach(Consumer<Neighbor> consumer) {
        for (int i = 0; i < table.capacity(); i++) {
            if (table.at(i) != null) {
                consumer.accept(table.at(i));
            }
        }
    }

    /** How many entries there are. */
    public int size() {
        return table.size();
    }
}
