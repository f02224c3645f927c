package dev.penstock.perf.bench;

import dev.penstock.perf.floor.RawLoop;
import dev.penstock.perf.kernel.KernelSocket;
import dev.penstock.stack.blocking.IdleMode;
import java.io.Closeable;
import java.io.IOException;

/** The raw loop in Java on a TAP interface. */
final class FloorHost implements Closeable {
    final TapLink link;
    final RawLoop loop;
    private final Workers workers = new Workers();

    private FloorHost(TapLink link, RawLoop loop, int cpu) {
        this.link = link;
        this.loop = loop;
        workers.start(null, "raw-loop", cpu, loop::run);
    }

    static FloorHost start(Setting setting) throws Exception {
        TapLink link = TapLink.open(setting.offload());
        RawLoop loop = new RawLoop(
                link.device,
                KernelSocket.ipv4(TapLink.STACK),
                setting.service(),
                setting.offload(),
                setting.mode() != IdleMode.BUSY);
        return new FloorHost(link, loop, setting.placement().serverCpu());
    }

    long garbage() {
        return Garbage.of(workers.ids());
    }

    @Override
    public void close() throws IOException {
        workers.stopping();
        loop.stop();
        workers.join();
        link.close();
    }
}
