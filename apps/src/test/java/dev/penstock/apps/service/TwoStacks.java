package dev.penstock.apps.service;

import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.ThreadParker;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.MemoryWire;
import java.util.concurrent.atomic.AtomicReference;

/** Two stacks, 192.0.2.1 and 192.0.2.2, on a wire in memory; a fault in either fails the test at the close. */
final class TwoStacks implements AutoCloseable {
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final MemoryWire wire = MemoryWire.builder()
            .capabilities(DeviceCapabilities.offloading(1500))
            .parkers(new ThreadParker(), new ThreadParker())
            .build();

    final PenstockStack client = PenstockStack.builder()
            .device(wire.a())
            .address("192.0.2.1/24")
            .errorHandler(fault::set)
            .start();
    final PenstockStack server = PenstockStack.builder()
            .device(wire.b())
            .address("192.0.2.2/24")
            .errorHandler(fault::set)
            .start();

    @Override
    public void close() {
        client.close();
        server.close();
        if (fault.get() != null) {
            throw new AssertionError("a fault in a stack", fault.get());
        }
        String leaks = client.leaks() + server.leaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError("leaks: " + leaks);
        }
    }
}
