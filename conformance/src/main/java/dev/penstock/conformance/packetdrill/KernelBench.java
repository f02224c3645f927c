package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.stack.device.PcapngWriter;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.NetNamespace.Privilege;
import java.io.IOException;

/** Scripts against the Linux kernel that this runs on, each in a network namespace of its own, in real time. */
final class KernelBench implements Bench {
    private static final int WARM_UPS = 2;
    /** A connection of everyday: whatever of this program it needs is loaded before a script's milliseconds count. */
    private static final String WARM_UP =
            """
            0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0  setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
            +0  bind(3, ..., ...) = 0
            +0  listen(3, 1) = 0
            +0  < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
            +0~+1  > S. 0:0(0) ack 1 <...>
            +0  < . 1:1(0) ack 1 win 257
            +0  accept(3, ..., ...) = 4
            +0  %{ assert tcpi_state == TCP_ESTABLISHED }%
            +0  write(4, ..., 1000) = 1000
            +0~+1  > P. 1:1001(1000) ack 1
            +0  < . 1:1(0) ack 1001 win 257
            +.02 < P. 1:101(100) ack 1001 win 257
            +0~+1 > . 1001:1001(0) ack 101
            +0  read(4, ..., 1000) = 100
            +.02 close(4) = 0
            """;

    private final long slackNs;
    private final long limitNs;

    private KernelBench(long slackNs, long limitNs) {
        this.slackNs = slackNs;
        this.limitNs = limitNs;
    }

    /**
     * Where scripts can be run.
     *
     * @param slackNs how much more than a script allows a time may be off
     * @param limitNs how long a script may take
     * @throws IOException with what is missing and what would help
     */
    static KernelBench open(long slackNs, long limitNs) throws IOException {
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new IOException("--against kernel is for Linux, this is " + System.getProperty("os.name"));
        }
        NetNamespace.Probe probe = NetNamespace.privilege();
        if (probe.privilege() != Privilege.ROOT_OK) {
            throw new IOException("--against kernel needs a network namespace and a TUN device: " + probe.reason());
        }
        if (NetNamespace.findCommand("ip") == null) {
            throw new IOException("--against kernel needs the command 'ip': install iproute2");
        }
        KernelBench bench = new KernelBench(slackNs, limitNs);
        bench.warmUp();
        return bench;
    }

    private void warmUp() throws IOException {
        Engine engine = new Engine(this);
        for (int i = 0; i < WARM_UPS; i++) {
            try {
                Script script = ScriptParser.parse("warm-up", WARM_UP, Profile.LINUX);
                Outcome outcome = engine.run(script, Settings.of(Profile.LINUX));
                if (outcome.status() == Outcome.Status.SKIP) {
                    throw new IOException(outcome.message());
                }
            } catch (ScriptException | SkipException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public Machine machine(WireSettings wire, Profile profile, PcapngWriter capture) throws SkipException {
        if (profile != Profile.LINUX) {
            throw new SkipException(0, "the machine under test is a Linux kernel, the profile is another");
        }
        wire.slackNs = slackNs;
        try {
            return new KernelHost(wire, capture, limitNs);
        } catch (IOException e) {
            throw new SkipException(0, "no network namespace can be made for it: " + e.getMessage());
        }
    }
}
