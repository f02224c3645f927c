package dev.penstock.stack.blocking;

import dev.penstock.stack.ip.AddressInfo;
import dev.penstock.stack.ip.AddressListener;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.wire.IpAddress;
import java.util.concurrent.CompletableFuture;

/** Waits for an address with which peers can be reached: IPv6 link-local ones come by themselves and do not count. */
final class FirstAddress implements AddressListener {
    private final CompletableFuture<IpAddress> future = new CompletableFuture<>();

    /** Before the stack's thread starts. */
    FirstAddress(IpLayer ip) {
        ip.addAddressListener(this);
        for (int i = 0; i < ip.interfaceCount(); i++) {
            for (AddressInfo info : ip.addresses().list(ip.interfaceAt(i))) {
                if (info.usable()) {
                    tell(info.prefix().address());
                }
            }
        }
    }

    CompletableFuture<IpAddress> future() {
        return future;
    }

    @Override
    public void onUsable(IpInterface nic, IpAddress address, long nowNs) {
        tell(address);
    }

    private void tell(IpAddress address) {
        if (address.isV4() || !IpAddress.isLinkLocalV6(address.hi())) {
            future.complete(address);
        }
    }
}
