package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Cpu;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A stack on a TAP interface, with one service: by callbacks, or by blocking sockets. */
final class PenstockHost implements Closeable {
    static final int PORT = 7007;

    final TapLink link;
    final PenstockStack stack;
    private final CallbackService callbacks;
    private final SocketService sockets;
    private final long shardThread;

    private PenstockHost(
            TapLink link, PenstockStack stack, CallbackService callbacks, SocketService sockets, long shardThread) {
        this.link = link;
        this.stack = stack;
        this.callbacks = callbacks;
        this.sockets = sockets;
        this.shardThread = shardThread;
    }

    static PenstockHost start(Setting setting, boolean blockingSockets) throws Exception {
        return start(setting, blockingSockets, null);
    }

    /** @param impaired what the device is to do to frames, or null */
    static PenstockHost start(Setting setting, boolean blockingSockets, ImpairmentCommand.Link impaired)
            throws Exception {
        TapLink link = TapLink.open(setting.offload());
        PenstockStack stack = null;
        try {
            stack = PenstockStack.builder()
                    .device(impaired == null ? link.device : new TimedImpairment(link.device, impaired))
                    .address(TapLink.STACK + "/24")
                    .idle(setting.mode())
                    .tcpOption(TcpOption.TCP_NODELAY, true)
                    .tcpOption(TcpOption.TCP_CONGESTION, setting.congestion())
                    .closeTimeout(100)
                    .start();
            long thread = stack.call(shard -> {
                Cpu.pin(setting.placement().serverCpu());
                return Thread.currentThread().getId();
            });
            CallbackService callbacks = null;
            SocketService sockets = null;
            if (blockingSockets) {
                sockets = new SocketService(
                        stack,
                        PORT,
                        setting.service(),
                        setting.message(),
                        setting.placement().applicationCpu());
            } else {
                callbacks = listen(stack, setting);
            }
            return new PenstockHost(link, stack, callbacks, sockets, thread);
        } catch (Exception e) {
            if (stack != null) {
                stack.close();
            } else {
                link.device.close();
            }
            link.close();
            throw e;
        }
    }

    private static CallbackService listen(PenstockStack stack, Setting setting) throws IOException {
        CallbackService service = new CallbackService(setting.service(), setting.message());
        TcpOptions options = new TcpOptions();
        options.noDelay = true;
        options.congestion = setting.congestion();
        return stack.call(shard -> {
            try {
                for (int i = 0; i < ConnectionsRig.PORTS; i++) {
                    service.listen(shard, PORT + i, options);
                }
                return service;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Bytes that the service has received. */
    long bytes() {
        return sockets == null ? callbacks.bytes() : sockets.bytes();
    }

    /** What the shard's and the application's threads have allocated. */
    long garbage() {
        return Garbage.of(shardThread) + (sockets == null ? 0 : Garbage.of(sockets.threadIds()));
    }

    @Override
    public void close() throws IOException {
        if (sockets != null) {
            sockets.stopping();
        }
        stack.close();
        if (sockets != null) {
            sockets.close();
        }
        link.close();
    }
}
