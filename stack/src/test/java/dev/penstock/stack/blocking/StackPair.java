package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.MemoryWire;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Two stacks on a wire in memory, each on a thread of its own; {@link #close} fails on leaks and on errors. */
final class StackPair implements AutoCloseable {
    static final String CLIENT = "192.0.2.1";
    static final String SERVER = "192.0.2.2";

    final MemoryWire wire;
    final PenstockStack client;
    final PenstockStack server;
    final List<Throwable> errors = new CopyOnWriteArrayList<>();

    StackPair() {
        this(b -> {});
    }

    StackPair(Consumer<StackBuilder> change) {
        wire = MemoryWire.builder()
                .capabilities(DeviceCapabilities.offloading(1500))
                .parkers(new ThreadParker(), new ThreadParker())
                .build();
        StackBuilder a = PenstockStack.builder().device(wire.a()).address(CLIENT + "/24");
        StackBuilder b = PenstockStack.builder().device(wire.b()).address(SERVER + "/24");
        for (StackBuilder builder : List.of(a, b)) {
            builder.errorHandler(this::onError).closeTimeout(1000);
            change.accept(builder);
        }
        client = a.name("client").start();
        server = b.name("server").start();
    }

    private void onError(Throwable t) {
        errors.add(t);
        t.printStackTrace();
    }

    @Override
    public void close() {
        client.close();
        server.close();
        wire.close();
        assertEquals(List.of(), errors, "errors of the stacks");
        assertEquals("", client.leaks(), "leaks of the client");
        assertEquals("", server.leaks(), "leaks of the server");
    }
}
