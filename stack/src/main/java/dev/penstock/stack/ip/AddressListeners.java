package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** All who are told of addresses, in the order in which they came. */
final class AddressListeners implements AddressListener {
    private static final int MOST = 16;

    private final List<AddressListener> listeners = new ArrayList<>();

    void add(AddressListener listener) {
        if (listeners.size() == MOST) {
            throw new IllegalStateException("at most " + MOST + " address listeners");
        }
        listeners.add(listener);
    }

    @Override
    public void onUsable(IpInterface nic, IpAddress address, long nowNs) {
        listeners.forEach(l -> l.onUsable(nic, address, nowNs));
    }

    @Override
    public void onConflict(IpInterface nic, IpAddress address, long mac, boolean lost, long nowNs) {
        listeners.forEach(l -> l.onConflict(nic, address, mac, lost, nowNs));
    }

    @Override
    public void onDeprecated(IpInterface nic, IpAddress address, long nowNs) {
        listeners.forEach(l -> l.onDeprecated(nic, address, nowNs));
    }

    @Override
    public void onPreferred(IpInterface nic, IpAddress address, long nowNs) {
        listeners.forEach(l -> l.onPreferred(nic, address, nowNs));
    }

    @Override
    public void onRemoved(IpInterface nic, IpAddress address, Origin origin, long nowNs) {
        listeners.forEach(l -> l.onRemoved(nic, address, origin, nowNs));
    }

    @Override
    public void onAutoconfigurationFailed(IpInterface nic, IpAddress network, long nowNs) {
        listeners.forEach(l -> l.onAutoconfigurationFailed(nic, network, nowNs));
    }
}
