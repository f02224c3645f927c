package dev.penstock.conformance.kernel;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;

/**
 * A switch with one access port and one trunk, for kernels that have no VLANs: what Linux sends on the interface of the access port
 * leaves the trunk with a tag, and the other way round. The trunk's interface is for a bridge, with the stack's own. Both are plain
 * TAP devices, so that the kernel cuts and checksums what passes.
 */
public final class VlanRelay implements AutoCloseable {
    /** Nobody sends from these: the interfaces on the kernel's side have their own. */
    private static final long ACCESS_MAC = 0x0200_0000_00a1L;

    private static final long TRUNK_MAC = 0x0200_0000_00a2L;
    private static final int BURST = 64;
    private static final long MOST_SLEEP_NS = 100_000_000;

    private final TapDevice access;
    private final TapDevice trunk;
    private final AccessPort port;
    private final Thread thread;
    private volatile boolean closing;

    private VlanRelay(NetNamespace namespace, TapDevice access, TapDevice trunk, int vid) {
        this.access = access;
        this.trunk = trunk;
        this.port = new AccessPort(access, vid);
        this.thread = namespace.newThread("vlan-relay", this::relay);
    }

    /**
     * Makes both interfaces and starts.
     *
     * @param vid 1 .. 4094
     */
    public static VlanRelay start(NetNamespace namespace, String accessName, String trunkName, int vid)
            throws Exception {
        TapDevice access = namespace.call(() -> open(accessName, ACCESS_MAC));
        VlanRelay relay;
        try {
            TapDevice trunk = namespace.call(() -> open(trunkName, TRUNK_MAC));
            access.awaitAlso(trunk);
            relay = new VlanRelay(namespace, access, trunk, vid);
        } catch (Exception e) {
            access.close();
            throw e;
        }
        relay.thread.start();
        return relay;
    }

    private static TapDevice open(String name, long mac) throws Exception {
        return TapDevice.open(
                TapConfig.builder().name(name).macAddress(mac).vnetHeader(false).build());
    }

    private void relay() {
        while (!closing) {
            int moved = port.poll(frame -> pass(frame, trunk), BURST) + trunk.poll(frame -> pass(frame, port), BURST);
            if (moved == 0) {
                access.await(MOST_SLEEP_NS);
            }
        }
        access.close();
        trunk.close();
    }

    /** A full interface loses frames, as a switch does. */
    private static void pass(Frame frame, BlockingDevice to) {
        frame.tx().clear();
        to.offer(frame);
    }

    /** Frames for another VLAN or for none, which were not passed on. */
    public long strangers() {
        return port.strangers.get();
    }

    @Override
    public void close() {
        closing = true;
        access.wakeUp();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
