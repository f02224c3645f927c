package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.StackBuilder;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.tcp.TcpOption;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bulk from the kernel without offload: each packet is a frame in a queue of 1,000, whatever the window. */
@Timeout(60)
final class PlainTapTest {
    private static final long BYTES = 64L << 20;

    /** A stack was once seen to lose a frame in thirty by a window of 8 MiB, and to crawl. */
    @ParameterizedTest
    @ValueSource(ints = {0, 8 << 20})
    void theQueueOfAPlainDeviceDoesNotDrown(int receiveBuffer) throws Exception {
        TapRequirement.check();
        TapConfig config = TapConfig.builder()
                .name("pen0")
                .vnetHeader(false)
                .macAddress(0x02_00_00_00_00_02L)
                .hostAddress("192.0.2.1/24")
                .build();
        try (NetNamespace namespace = NetNamespace.create()) {
            TapDevice device = namespace.call(() -> TapDevice.open(config));
            assertEquals(1000, device.receiveQueueLength());
            StackBuilder builder = PenstockStack.builder().device(device).address("192.0.2.2/24");
            if (receiveBuffer > 0) {
                builder.tcpOption(TcpOption.SO_RCVBUF, receiveBuffer);
            }
            try (PenstockStack stack = builder.start();
                    TcpListener listener = stack.listen(9);
                    SocketChannel kernel = namespace.call(SocketChannel::open)) {
                CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> send(kernel));
                try (TcpSocket socket = listener.accept()) {
                    byte[] piece = new byte[1 << 16];
                    long received = 0;
                    for (int n = socket.getInputStream().read(piece);
                            n >= 0;
                            n = socket.getInputStream().read(piece)) {
                        received += n;
                    }
                    assertEquals(BYTES, received);
                }
                sender.get(10, TimeUnit.SECONDS);
                long lost = lost(namespace);
                assertTrue(lost * 1460 < BYTES / 50, () -> lost + " frames lost");
            }
        }
    }

    private static void send(SocketChannel kernel) {
        try (kernel) {
            kernel.connect(new InetSocketAddress("192.0.2.2", 9));
            ByteBuffer data = ByteBuffer.allocateDirect(1 << 16);
            for (long sent = 0; sent < BYTES; sent += data.capacity()) {
                data.clear();
                while (data.hasRemaining()) {
                    kernel.write(data);
                }
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Frames that found no room in the interface's queue. */
    private static long lost(NetNamespace namespace) throws Exception {
        Process ip = namespace.start(new ProcessBuilder("ip", "-s", "-j", "link", "show", "pen0"));
        String text = new String(ip.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher dropped = Pattern.compile("\"tx\":\\{[^}]*\"dropped\":(\\d+)").matcher(text.replace(" ", ""));
        assertTrue(dropped.find(), text);
        return Long.parseLong(dropped.group(1));
    }
}
