package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.DatagramBatch;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import jnr.ffi.LibraryLoader;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs of datagrams to the kernel (GSO_UDP_L4) and from it (UDP_SEGMENT), as one frame on the TAP interface. */
@Timeout(60)
public final class UdpRunTest {
    private static final int PORT = 5000;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;

    /** Calls that Java does not have. */
    public interface Sockets {
        int socket(int domain, int type, int protocol);

        int setsockopt(int fd, int level, int name, long value, int length);

        int connect(int fd, long address, int length);

        long send(int fd, long data, long length, int flags);

        int close(int fd);
    }

    private static PenstockStack stack(NetNamespace namespace) throws Exception {
        TapConfig config = TapConfig.builder()
                .name("pen0")
                .macAddress(0x02_00_00_00_00_02L)
                .hostAddress("192.0.2.1/24")
                .build();
        return PenstockStack.start(namespace.call(() -> TapDevice.open(config)), "192.0.2.2/24");
    }

    @Test
    void theKernelReceivesTheDatagramsOfARun() throws Exception {
        TapRequirement.check();
        try (NetNamespace namespace = NetNamespace.create();
                PenstockStack stack = stack(namespace);
                UdpSocket socket = stack.udpSocket();
                DatagramChannel kernel =
                        namespace.call(() -> DatagramChannel.open().bind(new InetSocketAddress("192.0.2.1", PORT)))) {
            Endpoint to = Endpoint.of("192.0.2.1", PORT);
            ByteBuffer in = ByteBuffer.allocate(100);
            socket.send(new byte[1], 0, 1, to); // now the neighbour is known
            kernel.receive(in);
            UnsafeBuffer data = new UnsafeBuffer(new byte[18 * 40 + 5]);
            for (int i = 0; i < data.capacity(); i++) {
                data.putByte(i, (byte) (i / 18));
            }
            long before = stack.call(shard -> shard.counters().get(StackCounter.UDP_OUT_DATAGRAMS));
            socket.send(data, 0, data.capacity(), 18, to);
            for (int i = 0; i <= 40; i++) {
                in.clear();
                kernel.receive(in);
                assertEquals(i < 40 ? 18 : 5, in.position());
                assertEquals(i, in.get(0));
                assertEquals(i, in.get(4));
            }
            // On the shard, as it counts what it has sent while the kernel has it already.
            long after = stack.call(shard -> shard.counters().get(StackCounter.UDP_OUT_DATAGRAMS));
            assertEquals(41, after - before);
        }
    }

    @Test
    void aRunOfTheKernelIsReceivedAsDatagrams() throws Exception {
        TapRequirement.check();
        Sockets c = LibraryLoader.create(Sockets.class).load("c");
        try (NetNamespace namespace = NetNamespace.create();
                PenstockStack stack = stack(namespace);
                UdpSocket socket = stack.udpSocket(PORT)) {
            socket.setSoTimeout(10_000);
            UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(4096));
            int fd = namespace.call(() -> c.socket(2, 2, 0));
            try {
                memory.putInt(0, 100);
                if (c.setsockopt(fd, SOL_UDP, UDP_SEGMENT, memory.addressOffset(), 4) != 0) {
                    TapRequirement.refuse("needs a kernel with UDP_SEGMENT (4.18)");
                }
                memory.putShort(0, (short) 2);
                memory.putShort(2, Short.reverseBytes((short) PORT));
                memory.putInt(4, Integer.reverseBytes(0xc0_00_02_02));
                for (int i = 0; i < 950; i++) {
                    memory.putByte(16 + i, (byte) (i / 100));
                }
                long base = memory.addressOffset();
                assertEquals(0, c.connect(fd, base, 16));
                assertEquals(950, c.send(fd, base + 16, 950, 0));
                DatagramBatch batch = new DatagramBatch(20, 4000);
                while (batch.size() < 10) {
                    assertTrue(socket.receive(batch) > 0);
                }
                for (int i = 0; i < 10; i++) {
                    assertEquals(i < 9 ? 100 : 50, batch.length(i));
                    assertEquals(i, batch.buffer().getByte(batch.offset(i)));
                    assertEquals(i, batch.buffer().getByte(batch.offset(i) + 49));
                }
                assertEquals(10, stack.counters().get(StackCounter.UDP_IN_DATAGRAMS));
            } finally {
                c.close(fd);
            }
        }
    }
}
