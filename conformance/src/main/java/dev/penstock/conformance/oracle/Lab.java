package dev.penstock.conformance.oracle;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.BlockingDeviceDecorator;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.Impairment;
import dev.penstock.stack.device.ImpairmentSide;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.Wire;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The network of one run: the peer's kernel in a namespace, behind a TAP device and an impairment; on its other side Penstock, or a
 * second kernel in a namespace and behind a TAP device of its own, with a thread that carries the frames across.
 */
final class Lab implements AutoCloseable {
    /**
     * What the network of a run is like.
     *
     * @param ipv6 of this family, otherwise of IPv4
     * @param loss which share of the frames is lost, in each direction
     */
    record Conditions(boolean ipv6, double loss) {
        String peer() {
            return ipv6 ? "2001:db8:9::1" : "10.9.0.1";
        }

        String subject() {
            return ipv6 ? "2001:db8:9::2" : "10.9.0.2";
        }

        String prefix() {
            return ipv6 ? "/64" : "/24";
        }
    }

    final Conditions conditions;
    private static final long STACK_MAC = 0x02_00_00_00_00_0aL;
    private static final Path SYSCTLS = Path.of("/proc/sys/net/ipv4");
    private static final long MS = 1_000_000L;
    /** Retransmissions before giving up, on both: a vanished peer is to be noticed within seconds. */
    private static final int RETRIES = 4;

    private static final int SYN_RETRIES = 1;

    final KernelSockets peer;
    final Sockets subject;
    private final NetNamespace peerSpace;
    private final NetNamespace subjectSpace;
    private final PenstockStack stack;
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final Timed path;
    private Thread bridge;
    private TapDevice subjectTap;
    private volatile boolean closing;
    private volatile boolean cut;

    /** @param penstock the subject is Penstock; otherwise it is Linux */
    Lab(boolean penstock, Conditions conditions, long seed) throws Exception {
        this.conditions = conditions;
        peerSpace = NetNamespace.create();
        prepare(peerSpace);
        path = new Timed(impaired(tap(peerSpace, conditions.peer(), STACK_MAC), seed));
        peer = new KernelSockets(peerSpace, conditions.peer());
        if (penstock) {
            subjectSpace = null;
            var builder = PenstockStack.builder()
                    .device(path)
                    .address(conditions.subject() + conditions.prefix())
                    .closeTimeout(100)
                    .errorHandler(faults::add);
            builder.config().ip.dadTransmits = 0;
            builder.config().tcp.dataRetries = RETRIES;
            builder.config().tcp.synRetries = SYN_RETRIES;
            stack = builder.start();
            subject = new PenstockSockets(stack, conditions.subject());
        } else {
            stack = null;
            subjectSpace = NetNamespace.create();
            prepare(subjectSpace);
            subjectTap = tap(subjectSpace, conditions.subject(), STACK_MAC + 1);
            subject = new KernelSockets(subjectSpace, conditions.subject());
            bridge = new Thread(this::carry, "oracle-bridge");
            bridge.setDaemon(true);
            bridge.start();
        }
    }

    private static void prepare(NetNamespace space) throws Exception {
        space.call(() -> {
            Files.writeString(SYSCTLS.resolve("tcp_retries2"), Integer.toString(RETRIES));
            Files.writeString(SYSCTLS.resolve("tcp_syn_retries"), Integer.toString(SYN_RETRIES));
            return null;
        });
    }

    private TapDevice tap(NetNamespace space, String address, long mac) throws Exception {
        TapConfig config = TapConfig.builder()
                .name("pen0")
                .macAddress(mac)
                .vnetHeader(false)
                .hostAddress(address + conditions.prefix())
                .build();
        return space.call(() -> TapDevice.open(config));
    }

    /** Both directions delay, reorder and double a little, and lose if they are told to. */
    private Impairment impaired(TapDevice tap, long seed) {
        Impairment impairment = Impairment.over(tap, RandomSource.seeded(seed));
        for (ImpairmentSide side : List.of(impairment.transmit(), impairment.receive())) {
            side.delay(2 * MS, MS)
                    .reorder(0.05, 2, 5 * MS)
                    .duplicate(0.02)
                    .loss(conditions.loss())
                    .drop(this::isCut);
        }
        return impairment;
    }

    private boolean isCut(Frame frame) {
        int type = EthernetHeader.type(frame.buffer(), frame.start());
        int nextHeader = frame.start() + EthernetHeader.LENGTH + Ipv6Header.NEXT_HEADER_OFFSET;
        boolean neighbors =
                type == EthernetHeader.TYPE_IPV6 && Wire.u8(frame.buffer(), nextHeader) == IpProtocol.ICMPV6;
        return cut && type != EthernetHeader.TYPE_ARP && !neighbors;
    }

    /** From now on no packet comes through, in either direction. */
    void cut() {
        cut = true;
    }

    /** The two kernels' frames, until the end. */
    private void carry() {
        FrameHandler toPeer = path::offer;
        FrameHandler toSubject = subjectTap::offer;
        while (!closing) {
            int n = path.poll(toSubject, 64) + subjectTap.poll(toPeer, 64);
            if (n == 0) {
                path.await(MS);
            }
        }
    }

    /** What came out of the stack that should not have. */
    List<Throwable> faults() {
        return faults;
    }

    @Override
    public void close() {
        closing = true;
        if (stack != null) {
            stack.close();
            if (!stack.leaks().isEmpty()) {
                faults.add(new IllegalStateException("leaks " + stack.leaks()));
            }
        } else {
            try {
                bridge.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            subjectTap.close();
            path.close();
            subjectSpace.close();
        }
        peerSpace.close();
    }

    /** An impairment in real time. */
    private static final class Timed extends BlockingDeviceDecorator {
        private final Impairment impairment;

        Timed(Impairment impairment) {
            super((BlockingDevice) impairment);
            this.impairment = impairment;
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            impairment.advance(System.nanoTime());
            return super.poll(handler, limit);
        }

        @Override
        public int offer(Frame frame) {
            impairment.advance(System.nanoTime());
            return super.offer(frame);
        }

        @Override
        public void await(long timeoutNs) {
            impairment.advance(System.nanoTime());
            super.await(Math.min(timeoutNs, MS));
        }
    }
}
