package dev.penstock.perf.bench;

import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import java.io.Closeable;
import java.io.IOException;

/** A TAP interface in a namespace of its own, the kernel being the neighbour. */
final class TapLink implements Closeable {
    static final String STACK = "192.0.2.2";
    private static final String KERNEL = "192.0.2.1/24";
    private static final long MAC = 0x02_00_00_00_00_02L;
    private static final int MTU = 1500;

    final NetNamespace namespace;
    final TapDevice device;

    private TapLink(NetNamespace namespace, TapDevice device) {
        this.namespace = namespace;
        this.device = device;
    }

    /** @param offload with virtio-net headers; otherwise plain frames */
    static TapLink open(boolean offload) throws Exception {
        NetNamespace namespace = NetNamespace.create();
        try {
            TapConfig config = TapConfig.builder()
                    .name("pen0")
                    .mtu(MTU)
                    .macAddress(MAC)
                    .vnetHeader(offload)
                    .hostAddress(KERNEL)
                    .build();
            TapDevice device = namespace.call(() -> TapDevice.open(config));
            if (offload && device.capabilities().gsoMaxLength() <= MTU) {
                device.close();
                throw new IOException("the kernel's TAP device offers no offloads: measure with --offload off");
            }
            return new TapLink(namespace, device);
        } catch (Exception e) {
            namespace.close();
            throw e;
        }
    }

    /** Closes the namespace; whoever runs on the device closes that. */
    @Override
    public void close() {
        namespace.close();
    }
}
