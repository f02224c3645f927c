package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.VethPair;
import dev.penstock.stack.blocking.IdleMode;
import java.io.Closeable;
import java.io.IOException;

/** The kernel as the server, behind a veth. */
final class KernelHost implements Closeable {
    final VethPair pair;
    final KernelServer server;

    private KernelHost(VethPair pair, KernelServer server) {
        this.pair = pair;
        this.server = server;
    }

    static KernelHost start(Setting s) throws Exception {
        VethPair pair = VethPair.open(s.offload());
        try {
            KernelServer server = new KernelServer(
                    pair.server(),
                    s.service(),
                    s.message(),
                    s.congestion(),
                    s.mode() == IdleMode.BUSY,
                    s.placement().serverCpu());
            return new KernelHost(pair, server);
        } catch (Exception e) {
            pair.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            server.close();
        } finally {
            pair.close();
        }
    }
}
