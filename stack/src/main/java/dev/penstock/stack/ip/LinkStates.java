package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import java.util.ArrayList;
import java.util.List;

/**
 * Watches whether the interfaces are up. They are asked in each duty cycle, those that are down now and then only, for some devices
 * ask the kernel; so a link that comes up is seen as late as the stack sleeps.
 */
final class LinkStates {
    /** Between two questions while it is down. */
    static final long ASK_INTERVAL_NS = 10_000_000;

    private final IpLayer layer;
    private final Counters counters;
    private final List<LinkListener> listeners = new ArrayList<>();
    private final boolean[] down = new boolean[IpLayer.MAX_INTERFACES];
    private final long[] askedNs = new long[IpLayer.MAX_INTERFACES];

    LinkStates(IpLayer layer, Counters counters) {
        this.layer = layer;
        this.counters = counters;
    }

    void addListener(LinkListener listener) {
        listeners.add(listener);
    }

    /** Called once in each duty cycle. */
    void look(long nowNs) {
        for (int i = 0; i < layer.interfaceCount(); i++) {
            if (down[i] && nowNs - askedNs[i] < ASK_INTERVAL_NS) {
                continue;
            }
            IpInterface nic = layer.interfaceAt(i);
            boolean up = nic.port().isUp();
            if (!up) {
                askedNs[i] = nowNs;
            }
            if (up == down[i]) {
                down[i] = !up;
                onChange(nic, up, nowNs);
            }
        }
    }

    private void onChange(IpInterface nic, boolean up, long nowNs) {
        counters.count(up ? StackCounter.LINK_UPS : StackCounter.LINK_DOWNS);
        layer.onRoutesChanged();
        if (up) {
            // It may be another network now: neighbours are verified when they are next used, and our addresses made
            // known.
            layer.neighbors().forEach(n -> {
                if (n.interfaceIndex() == nic.index()) {
                    n.doubt();
                }
            });
            for (int a = 0; a < nic.addressCount(); a++) {
                LocalAddress address = nic.local(a);
                address.life.onLinkUp(address, nowNs);
            }
            nic.discovery().onLinkUp(nowNs);
            // Switches have forgotten who is in which group; of IPv6, the verified link-local address tells (RFC 3810,
            // 5.2.13).
            nic.groups(true).reporter().tellAll();
        }
        for (LinkListener listener : listeners) {
            listener.onLink(nic, up, nowNs);
        }
    }
}
