package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpConfig;

/**
 * {@code tcp_rmem}, {@code tcp_wmem} and {@code tcp_adv_win_scale}: Linux counts in memory, of which a part is left for data; the
 * stack counts the data.
 */
final class LinuxBuffers {
    private final TcpConfig config;
    private final LinuxMemory memory;
    /** How much of the memory is window: see {@link #window}. */
    private long advWinScale = 1;
    /** The default of tcp_rmem; 0 while it was not set. */
    private long receiveDefault;

    LinuxBuffers(TcpConfig config, LinuxMemory memory) {
        this.config = config;
        this.memory = memory;
    }

    void addTo(Sysctls s) {
        s.put("net.ipv4.tcp_rmem", text -> {
            long[] v = three(text);
            receiveDefault = v[1];
            memory.receiveDefault = v[1];
            memory.receiveMost = v[2];
            // The window scale is made for all of the maximum.
            config.maxReceiveBuffer = clamp(v[2]);
            apply();
            return null;
        });
        s.put("net.ipv4.tcp_wmem", text -> {
            long[] v = three(text);
            memory.sendDefault = v[1];
            memory.sendMost = v[2];
            return null;
        });
        s.number("net.ipv4.tcp_adv_win_scale", -31, 31, v -> {
            advWinScale = v;
            apply();
        });
        s.number("net.ipv4.tcp_moderate_rcvbuf", 0, 1, v -> config.receiveAutotuning = v != 0);
    }

    private void apply() {
        if (receiveDefault > 0) {
            config.initialReceiveBuffer = clamp(window(receiveDefault));
        }
    }

    /** "bytes/2^tcp_adv_win_scale (if tcp_adv_win_scale > 0) or bytes-bytes/2^(-tcp_adv_win_scale)" is overhead. */
    private long window(long memory) {
        return advWinScale > 0 ? memory - (memory >> advWinScale) : memory >> -advWinScale;
    }

    private static int clamp(long v) {
        return (int) Math.max(1, Math.min(v, 1 << 30));
    }

    private static long[] three(String text) {
        String[] words = text.trim().split("\\s+", -1);
        if (words.length != 3) {
            throw new NumberFormatException(text);
        }
        return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2])};
    }
}
