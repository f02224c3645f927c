package dev.penstock.stack.shard;

import dev.penstock.stack.ip.IpConfig;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.udp.UdpConfig;
import java.util.ArrayList;
import java.util.List;

/** The limits of a {@link StackShard}. Plain values with defaults; read once, when the shard is made. */
public final class ShardConfig {
    /** Frames taken from the device in one duty cycle, 1 .. 4096. */
    public int burst = 64;
    /** Commands carried out in one duty cycle. */
    public int maxCommandsPerCycle = 256;
    /** Deadlines fired in one duty cycle. */
    public int maxDeadlinesPerCycle = 256;
    /** Memory for the buffers of all sockets together, bytes. */
    public long socketMemory = 256L << 20;
    /** Sockets of other threads, accepted ones included, open at once. */
    public int maxSockets = 16_384;
    /** Commands that wait at once, beside those of sockets. */
    public int maxCommands = 1024;
    /** Faults of the stack itself in a row after which the shard gives up, rather than report for ever. */
    public int maxFaultsInRow = 100;
    /** Routes beside those that follow from the addresses and the gateway. */
    public final List<StaticRoute> routes = new ArrayList<>();
    /** IP's limits and policies. */
    public IpConfig ip = new IpConfig();
    /** UDP's limits. */
    public UdpConfig udp = UdpConfig.defaults();
    /** TCP's limits and times. */
    public TcpConfig tcp = new TcpConfig();

    /** Throws {@link IllegalArgumentException} if a value is out of range. */
    void check() {
        if (burst < 1
                || burst > 4096
                || maxCommandsPerCycle < 1
                || maxDeadlinesPerCycle < 1
                || maxFaultsInRow < 1
                || socketMemory < 1) {
            throw new IllegalArgumentException("a limit of the shard is out of range");
        }
    }
}
