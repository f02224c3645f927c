package dev.penstock.stack.ip;

import dev.penstock.stack.base.Invariant;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;

/**
 * The paths in use and those used lately, by bound source and destination. Entries that nobody uses are kept, oldest
 * first to go, up to the limit; while the limit is taken by entries in use, more paths are made but not kept, so that
 * their number is bounded by that of the connections.
 */
final class DestinationCache {
    private final IpLayer layer;
    private final SipHash hash;
    private final int limit;
    private final DestinationPath[] buckets;
    private int size;
    private DestinationPath oldestIdle;
    private DestinationPath newestIdle;

    DestinationCache(IpLayer layer, int limit, SipHash hash) {
        this.layer = layer;
        this.limit = limit;
        this.hash = hash;
        this.buckets = new DestinationPath[Integer.highestOneBit(Math.max(2, limit * 2 - 1))];
    }

    /** The path, one more time in use, or null when there is no route or the source is not ours. */
    DestinationPath acquire(long boundHi, long boundLo, long dstHi, long dstLo, int boundInterface) {
        int bucket = bucket(boundHi, boundLo, dstHi, dstLo, boundInterface);
        DestinationPath path = buckets[bucket];
        while (path != null
                && !(path.dstLo == dstLo
                        && path.boundLo == boundLo
                        && path.dstHi == dstHi
                        && path.boundInterface == boundInterface
                        && path.boundHi == boundHi)) {
            path = path.nextInBucket;
        }
        if (path != null) {
            if (path.refresh()) {
                if (path.references++ == 0) {
                    unlinkIdle(path);
                }
                return path;
            }
            // Who still holds it learns of it when sending; a new one may find another source and another way.
            forget(path);
        }
        path = new DestinationPath(layer, boundHi, boundLo, dstHi, dstLo, boundInterface);
        path.groupMac = MacAddress.NONE;
        path.generation = layer.generation();
        if (!find(path, boundHi, boundLo)) {
            return null;
        }
        path.references = 1;
        keep(path, bucket);
        return path;
    }

    private int bucket(long boundHi, long boundLo, long dstHi, long dstLo, int boundInterface) {
        long first = boundHi ^ Long.rotateLeft(dstHi, 32) ^ (boundInterface + 1);
        return (int) hash.hash(first, boundLo ^ Long.rotateLeft(dstLo, 24)) & (buckets.length - 1);
    }

    private void keep(DestinationPath path, int bucket) {
        if (size >= limit) {
            if (oldestIdle == null) {
                return;
            }
            DestinationPath victim = oldestIdle;
            unlinkIdle(victim);
            remove(victim);
            victim.end();
        }
        path.cached = true;
        path.nextInBucket = buckets[bucket];
        buckets[bucket] = path;
        size++;
    }

    private void forget(DestinationPath path) {
        if (path.references == 0) {
            unlinkIdle(path);
            path.end();
        }
        remove(path);
    }

    private void remove(DestinationPath path) {
        int bucket = bucket(path.boundHi, path.boundLo, path.dstHi, path.dstLo, path.boundInterface);
        path.cached = false;
        size--;
        if (buckets[bucket] == path) {
            buckets[bucket] = path.nextInBucket;
        } else {
            DestinationPath before = buckets[bucket];
            while (before.nextInBucket != path) {
                before = before.nextInBucket;
            }
            before.nextInBucket = path.nextInBucket;
        }
        path.nextInBucket = null;
    }

    void release(DestinationPath path) {
        Invariant.check(path.references > 0, "a path is released once by each user");
        if (--path.references > 0) {
            return;
        }
        if (!path.cached) {
            path.end();
            return;
        }
        path.idleBefore = newestIdle;
        if (newestIdle == null) {
            oldestIdle = path;
        } else {
            newestIdle.idleAfter = path;
        }
        newestIdle = path;
    }

    private void unlinkIdle(DestinationPath path) {
        if (path.idleBefore == null) {
            oldestIdle = path.idleAfter;
        } else {
            path.idleBefore.idleAfter = path.idleAfter;
        }
        if (path.idleAfter == null) {
            newestIdle = path.idleBefore;
        } else {
            path.idleAfter.idleBefore = path.idleBefore;
        }
        path.idleBefore = null;
        path.idleAfter = null;
    }

    /** How many are kept. */
    int size() {
        return size;
    }

    /** Finds the way anew. A path in use keeps its source for its life. */
    void resolve(DestinationPath path) {
        path.generation = layer.generation();
        IpInterface nicBefore = path.nic;
        long hopHiBefore = path.nextHopHi;
        long hopLoBefore = path.nextHopLo;
        boolean inUse = path.references > 0;
        path.valid = false;
        boolean found = find(path, inUse ? path.srcHi : path.boundHi, inUse ? path.srcLo : path.boundLo);
        if (!found || path.nic != nicBefore || path.nextHopLo != hopLoBefore || path.nextHopHi != hopHiBefore) {
            path.reroute();
        }
    }

    private boolean find(DestinationPath path, long srcHi, long srcLo) {
        path.valid = findWay(path, srcHi, srcLo);
        return path.valid;
    }

    private boolean findWay(DestinationPath path, long srcHi, long srcLo) {
        long hi = path.dstHi;
        long lo = path.dstLo;
        boolean anySource = IpAddress.isAny(srcHi, srcLo);
        boolean mixed = (srcHi | srcLo) != 0 && IpAddress.isV4(srcHi, srcLo) != path.v4;
        if (mixed || IpAddress.isAny(hi, lo)) {
            return false;
        }
        if (IpAddress.isLoopback(hi, lo) || isOurs(path, hi, lo)) {
            path.loopback = true;
            path.nic = null;
            path.zone = zoneOfOwn(path, hi, lo);
            path.mtu = IpLayer.MAX_PACKET;
            path.fragmentable = false;
            return source(path, anySource ? hi : srcHi, anySource ? lo : srcLo, true);
        }
        path.loopback = false;
        if (!findNextHop(path, srcHi, srcLo, anySource)) {
            return false;
        }
        boolean oneLink = path.boundInterface >= 0 || IpAddress.isLinkLocalV6(hi);
        path.zone = oneLink ? path.nic.index() : IpOutput.ANY_INTERFACE;
        path.mtu = layer.pathMtus().mtu(hi, lo, path.interfaceMtu());
        path.fragmentable = path.v4 && layer.pathMtus().isBelowMinimum(hi, lo);
        if (!anySource) {
            return source(path, srcHi, srcLo, false);
        }
        LocalAddress chosen =
                path.v4 ? path.nic.sourceFor(path.nextHopHi, path.nextHopLo) : SourceSelection.choose(path.nic, hi, lo);
        return chosen != null && source(path, chosen.hi, chosen.lo, false);
    }

    /** Ours; a link-local address may be ours on one interface, and a neighbour's on another. */
    private boolean isOurs(DestinationPath path, long hi, long lo) {
        return path.boundInterface >= 0 && IpAddress.isLinkLocalV6(hi)
                ? layer.interfaceAt(path.boundInterface).findUsable(hi, lo) != null
                : layer.isLocalAddress(hi, lo);
    }

    /** Our own link-local address is of one interface, too; it is bound to or else the first that has it. */
    private int zoneOfOwn(DestinationPath path, long hi, long lo) {
        if (path.boundInterface >= 0 || !IpAddress.isLinkLocalV6(hi)) {
            return path.boundInterface;
        }
        int i = 0;
        while (layer.interfaceAt(i).findUsable(hi, lo) == null) {
            i++;
        }
        return i;
    }

    private boolean findNextHop(DestinationPath path, long srcHi, long srcLo, boolean anySource) {
        long hi = path.dstHi;
        long lo = path.dstLo;
        path.groupMac = MacAddress.NONE;
        path.avoided = null;
        path.nextHopHi = hi;
        path.nextHopLo = lo;
        if (path.boundInterface >= 0) {
            return findNextHopBy(path, layer.interfaceAt(path.boundInterface));
        }
        if (layer.isBroadcast(hi, lo)) {
            path.nic = layer.interfaces().ofBroadcast(hi, lo, srcHi, srcLo, anySource);
            path.groupMac = MacAddress.BROADCAST;
            return path.nic != null;
        }
        if (!path.v4 && (IpAddress.isMulticast(hi, lo) || IpAddress.isLinkLocalV6(hi))) {
            // Of one link; the address does not say which: where the bound source is, or else the first.
            path.nic = layer.interfaces().ofLink(srcHi, srcLo, anySource);
            path.groupMac = IpAddress.isMulticast(hi, lo) ? MacAddress.forIpv6Multicast(lo) : MacAddress.NONE;
            return path.nic != null;
        }
        // RFC 1122, 3.3.4.2, of the strong model: "route(src IP addr, dest IP addr, TOS) -> gateway": "the source
        // address is included as a parameter in order to select a gateway that is directly reachable on the
        // corresponding physical interface."
        IpInterface by = anySource ? null : layer.interfaces().ofSource(srcHi, srcLo);
        Route route = by == null ? layer.routes().find(hi, lo) : layer.routes().find(hi, lo, by);
        if (IpAddress.isMulticast(hi, lo)) {
            path.nic = route != null
                    ? route.nic()
                    : layer.interfaces().ofBroadcast(0, IpAddress.BROADCAST_V4.lo(), srcHi, srcLo, anySource);
            path.groupMac = MacAddress.forIpv4Multicast((int) lo);
            return path.nic != null;
        }
        if (route == null) {
            return false;
        }
        path.nic = route.nic();
        return follow(path, route);
    }

    private boolean follow(DestinationPath path, Route route) {
        path.avoided = layer.routes().avoided();
        if (route.gateway() != null) {
            path.nextHopHi = route.gateway().hi();
            path.nextHopLo = route.gateway().lo();
            layer.redirects().apply(path);
        }
        return true;
    }

    /** The next hop on the interface to which the path is bound. */
    private boolean findNextHopBy(DestinationPath path, IpInterface nic) {
        long hi = path.dstHi;
        long lo = path.dstLo;
        path.nic = nic;
        if (!nic.port().isUp()) {
            return false;
        }
        boolean broadcast = path.v4 && ((int) lo == -1 || nic.isDirectedBroadcast(hi, lo));
        if (broadcast) {
            path.groupMac = MacAddress.BROADCAST;
            return true;
        }
        if (IpAddress.isMulticast(hi, lo)) {
            path.groupMac = path.v4 ? MacAddress.forIpv4Multicast((int) lo) : MacAddress.forIpv6Multicast(lo);
            return true;
        }
        if (IpAddress.isLinkLocalV6(hi)) {
            return true;
        }
        Route route = layer.routes().find(hi, lo, nic);
        return route != null && follow(path, route);
    }

    private boolean source(DestinationPath path, long hi, long lo, boolean loopbackAllowed) {
        path.srcHi = hi;
        path.srcLo = lo;
        path.flowSeed = path.v4 ? 0 : layer.flowLabels().seed(hi, lo, path.dstHi, path.dstLo);
        return loopbackAllowed
                ? layer.isLocalAddress(hi, lo) || IpAddress.isLoopback(hi, lo)
                : layer.interfaces().isLocalAt(path.nic, hi, lo);
    }
}
