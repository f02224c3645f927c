package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IpAddress;
import java.util.Arrays;

/**
 * Better first hops to single destinations, as routers told (RFC 4861, section 8; RFC 792 and RFC 1122, section 3.2.2.2). Each
 * holds as long as the route stays with the router that told it and the better hop answers. Bounded: at the limit the oldest
 * goes. Looked at once per destination, see {@link DestinationCache}, hence plain.
 */
final class Redirects {
    private static final class Entry {
        IpInterface nic;
        long dstHi;
        long dstLo;
        /** The gateway of the route that this is an exception from. */
        long gatewayHi;

        long gatewayLo;
        long hopHi;
        long hopLo;
    }

    private final IpLayer layer;
    private final Counters counters;
    private final Entry[] entries;
    private int size;

    Redirects(IpLayer layer, Counters counters, int limit) {
        this.layer = layer;
        this.counters = counters;
        this.entries = new Entry[limit];
    }

    private int indexOf(IpInterface nic, long hi, long lo) {
        for (int i = 0; i < size; i++) {
            Entry e = entries[i];
            if (e.dstLo == lo && e.dstHi == hi && e.nic == nic) {
                return i;
            }
        }
        return -1;
    }

    /**
     * A router told a better first hop.
     *
     * @param fromHi the router
     * @param hopHi the better first hop: another router on the link, or the destination itself
     * @return null, or why it is not followed
     */
    DropReason onRedirect(IpInterface nic, long fromHi, long fromLo, long dstHi, long dstLo, long hopHi, long hopLo) {
        Route route = layer.routes().find(dstHi, dstLo);
        if (entries.length == 0 || route == null || route.gateway() == null || route.nic() != nic) {
            return DropReason.NDP_REDIRECT_REFUSED;
        }
        int at = indexOf(nic, dstHi, dstLo);
        IpAddress gateway = route.gateway();
        boolean exception = at >= 0 && isOf(entries[at], gateway);
        // RFC 4861, 8.1: "The IP source address of the Redirect is the same as the current first-hop router for the
        // specified ICMP Destination Address."
        long firstHi = exception ? entries[at].hopHi : gateway.hi();
        long firstLo = exception ? entries[at].hopLo : gateway.lo();
        if (firstHi != fromHi || firstLo != fromLo || layer.isLocalAddress(hopHi, hopLo)) {
            return DropReason.NDP_REDIRECT_REFUSED;
        }
        Entry entry = at >= 0 ? remove(at) : size == entries.length ? remove(0) : new Entry();
        entry.nic = nic;
        entry.dstHi = dstHi;
        entry.dstLo = dstLo;
        entry.gatewayHi = gateway.hi();
        entry.gatewayLo = gateway.lo();
        entry.hopHi = hopHi;
        entry.hopLo = hopLo;
        entries[size++] = entry;
        layer.onRoutesChanged();
        counters.count(StackCounter.NDP_REDIRECTS_FOLLOWED);
        return null;
    }

    private static boolean isOf(Entry e, IpAddress gateway) {
        return e.gatewayLo == gateway.lo() && e.gatewayHi == gateway.hi();
    }

    private Entry remove(int i) {
        Entry entry = entries[i];
        System.arraycopy(entries, i + 1, entries, i, size - i - 1);
        entries[--size] = null;
        return entry;
    }

    /** The path was found by a route: changes its next hop if a router told a better one. */
    void apply(DestinationPath path) {
        int i = size == 0 ? -1 : indexOf(path.nic, path.dstHi, path.dstLo);
        if (i >= 0 && entries[i].gatewayLo == path.nextHopLo && entries[i].gatewayHi == path.nextHopHi) {
            path.nextHopHi = entries[i].hopHi;
            path.nextHopLo = entries[i].hopLo;
        }
    }

    /** A neighbour does not answer: RFC 4861, 7.3.3: "next-hop determination" is to be performed again. */
    void onFailed(int interfaceIndex, long hi, long lo) {
        for (int i = size - 1; i >= 0; i--) {
            Entry e = entries[i];
            if (e.hopLo == lo && e.hopHi == hi && e.nic.index() == interfaceIndex) {
                remove(i);
                layer.onRoutesChanged();
            }
        }
    }

    /** How many there are. */
    int size() {
        return size;
    }

    void clear() {
        Arrays.fill(entries, null);
        size = 0;
    }
}
