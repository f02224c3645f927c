package dev.penstock.stack.dhcp;

import java.util.ArrayList;
import java.util.List;

/** The offers of one transaction, up to {@link DhcpConfig#MAX_OFFERS}. */
final class Offers {
    private final List<DhcpReply> list = new ArrayList<>();

    /** False when it is full. */
    boolean add(DhcpReply offer) {
        return list.size() < DhcpConfig.MAX_OFFERS && list.add(offer);
    }

    int size() {
        return list.size();
    }

    void clear() {
        list.clear();
    }

    /** Takes all out and answers the best: that of the address that was had before, else the longest, else the first. */
    DhcpReply takeBest(int wantedAddress) {
        DhcpReply best = list.get(0);
        for (DhcpReply offer : list) {
            boolean wanted = offer.address == wantedAddress;
            boolean bestWanted = best.address == wantedAddress;
            boolean longer = offer.lease.leaseSeconds() > best.lease.leaseSeconds();
            best = (wanted && !bestWanted) || (wanted == bestWanted && longer) ? offer : best;
        }
        list.clear();
        return best;
    }
}
