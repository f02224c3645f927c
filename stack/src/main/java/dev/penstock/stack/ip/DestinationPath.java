package dev.penstock.stack.ip;

import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborWaiter;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import java.util.Arrays;

/** An entry of the {@link DestinationCache}: everything that sending to one destination needs. */
final class DestinationPath implements IpPath, NeighborWaiter {
    private static final PathWaiter[] NOBODY = new PathWaiter[0];

    final IpLayer layer;
    /** The source that was asked for: part of the key. */
    final long boundHi;

    final long boundLo;
    final long dstHi;
    final long dstLo;
    final boolean v4;
    /** The interface that was asked for, or -1: part of the key. */
    final int boundInterface;

    // What the look-up found; see DestinationCache.resolve.
    long srcHi;
    long srcLo;
    boolean valid;
    boolean loopback;
    IpInterface nic;
    /** See {@link IpPath#zone}. */
    int zone = IpOutput.ANY_INTERFACE;

    long nextHopHi;
    long nextHopLo;
    /** The better way whose gateway is not known to be there, or null: it is asked now and then. */
    RouteEntry avoided;
    /** Where all packets go that need no neighbour, being for a group; else {@code MacAddress.NONE}. */
    long groupMac;

    int mtu;
    /** Of IPv6: what the flow labels begin with. */
    long flowSeed;

    boolean fragmentable;
    int generation;

    // The cache's.
    int references;
    boolean cached;
    DestinationPath nextInBucket;
    DestinationPath idleBefore;
    DestinationPath idleAfter;

    private Neighbor neighbor;
    private Neighbor awaited;
    private PathWaiter[] waiters = NOBODY;
    private PathWaiter[] waking = NOBODY;
    private int waiting;
    private int calling;

    DestinationPath(IpLayer layer, long boundHi, long boundLo, long dstHi, long dstLo, int boundInterface) {
        this.layer = layer;
        this.boundHi = boundHi;
        this.boundLo = boundLo;
        this.dstHi = dstHi;
        this.dstLo = dstLo;
        this.boundInterface = boundInterface;
        this.v4 = IpAddress.isV4(dstHi, dstLo);
    }

    /** Brings it up to date with addresses, routes and path MTUs. False when there is no way any more. */
    boolean refresh() {
        if (generation != layer.generation()) {
            layer.paths().resolve(this);
        }
        return valid;
    }

    /** The MAC address to send to, or {@link Neighbor#UNRESOLVED} or {@link Neighbor#UNREACHABLE}. */
    long resolveMac(long nowNs) {
        if (groupMac != MacAddress.NONE) {
            return groupMac;
        }
        if (avoided != null) {
            avoided.probe(nowNs);
        }
        if (neighbor == null || !neighbor.isCached()) {
            neighbor = layer.obtainNeighbor(nic, v4, nextHopHi, nextHopLo, nowNs);
            if (neighbor == null) {
                return Neighbor.UNREACHABLE;
            }
        }
        long mac = neighbor.resolve(nowNs);
        return mac == Neighbor.UNRESOLVED && !v4 ? layer.ndp(nic).meanwhile(layer.routes(), dstHi, dstLo) : mac;
    }

    /** The next hop changed. Who waits for the one before is told to try again when that one's resolution ends. */
    void reroute() {
        neighbor = null;
    }

    /** One more use of a path that is in use; each is released. */
    DestinationPath retain() {
        references++;
        return this;
    }

    /** Nobody uses the path any more. */
    void end() {
        if (awaited != null) {
            awaited.cancel(this);
            awaited = null;
        }
        neighbor = null;
    }

    Neighbor neighbor() {
        return neighbor;
    }

    /** Where its packets leave, or null for the loopback and while there is no route. */
    EthernetPort port() {
        return nic == null ? null : nic.port();
    }

    @Override
    public boolean park(PathWaiter waiter) {
        if (waiting == layer.config().maxPathWaiters || !await()) {
            return false;
        }
        if (waiting == waiters.length) {
            waiters = Arrays.copyOf(waiters, Math.max(4, waiting * 2));
        }
        waiters[waiting++] = waiter;
        return true;
    }

    private boolean await() {
        if (awaited != null && awaited == neighbor && awaited.isCached()) {
            return true;
        }
        if (neighbor == null || !neighbor.await(this)) {
            return false;
        }
        if (awaited != null) {
            awaited.cancel(this);
        }
        awaited = neighbor;
        return true;
    }

    /** As {@link #park}, for the packets that the pending queue holds. */
    boolean awaitForQueue() {
        return await();
    }

    @Override
    public void onNeighborReady(boolean reachable, long nowNs) {
        boolean rerouted = awaited != neighbor;
        awaited = null;
        wake(reachable || rerouted, nowNs);
        layer.onNeighborReady();
    }

    private void wake(boolean reachable, long nowNs) {
        int n = waiting;
        PathWaiter[] list = waiters;
        waiters = waking;
        waking = list;
        waiting = 0;
        calling = n;
        for (int i = 0; i < n; i++) {
            PathWaiter waiter = list[i];
            list[i] = null;
            if (waiter != null) {
                waiter.onPathReady(reachable, nowNs);
            }
        }
        calling = 0;
    }

    @Override
    public void unpark(PathWaiter waiter) {
        for (int i = 0; i < waiting; i++) {
            if (waiters[i] == waiter) {
                System.arraycopy(waiters, i + 1, waiters, i, waiting - i - 1);
                waiters[--waiting] = null;
                return;
            }
        }
        // It may be about to be called by wake().
        for (int i = 0; i < calling; i++) {
            if (waking[i] == waiter) {
                waking[i] = null;
            }
        }
    }

    @Override
    public boolean reduceMtu(int newMtu, long nowNs) {
        // RFC 8201, section 4: "If a node receives a Packet Too Big message reporting a next-hop MTU that is less than
        // the IPv6 minimum link MTU, it MUST discard it."
        boolean credible = v4 || newMtu >= Ipv6Header.MIN_LINK_MTU;
        return credible && refresh() && !loopback && layer.pathMtus().reduce(dstHi, dstLo, newMtu, mtu, nowNs);
    }

    @Override
    public int mtu() {
        refresh();
        return mtu;
    }

    @Override
    public int interfaceMtu() {
        return nic == null ? IpLayer.MAX_PACKET : v4 ? nic.mtuV4() : nic.mtuV6();
    }

    @Override
    public int hopLimit(int otherwise) {
        refresh();
        // RFC 4861, 6.3.4: "If the received Cur Hop Limit value is non-zero, the host SHOULD set its CurHopLimit
        // variable to the received value."
        return !v4 && nic != null && nic.hopLimit() != 0 ? nic.hopLimit() : otherwise;
    }

    @Override
    public int gsoMaxLength() {
        return nic == null ? IpLayer.MAX_PACKET : layer.gsoMaxLength(nic, v4);
    }

    @Override
    public int receiveQueueLength() {
        return nic == null ? 0 : nic.port().device().receiveQueueLength();
    }

    @Override
    public int zone() {
        return zone;
    }

    @Override
    public int headerLength() {
        return v4 ? 20 : 40;
    }

    @Override
    public boolean isLoopback() {
        return loopback;
    }

    @Override
    public void release() {
        layer.paths().release(this);
    }

    @Override
    public long srcHi() {
        return srcHi;
    }

    @Override
    public long srcLo() {
        return srcLo;
    }

    @Override
    public long dstHi() {
        return dstHi;
    }

    @Override
    public long dstLo() {
        return dstLo;
    }
}
