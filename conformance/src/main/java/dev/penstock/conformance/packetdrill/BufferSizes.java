package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpOption;

/**
 * SO_SNDBUF and SO_RCVBUF. Linux doubles what it is told, for its own bookkeeping, and tells the double: of what may be received
 * about half counts as window (tcp_adv_win_scale = 1), so that the number set is the window.
 */
final class BufferSizes {
    /** SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF. */
    private static final int LINUX_LEAST_SEND = 4_608;

    private static final int LINUX_LEAST_RECEIVE = 2_304;
    private static final long UNSIGNED = 0xffff_ffffL;

    private BufferSizes() {}

    static long send(SocketDescriptor s) {
        if (s.isLinux() && s instanceof StreamDescriptor d) {
            return d.output().memory.limit();
        }
        if (s.settings.sendBuffer > 0) {
            return s.settings.sendBuffer;
        }
        return s instanceof StreamDescriptor d && d.connection() != null
                ? d.connection().sendQueue().limit()
                : s.host.tcp().initialSendBuffer;
    }

    static Errno setSend(SocketDescriptor s, long value) {
        long wanted = s.isLinux() ? Math.max(LINUX_LEAST_SEND, doubled(value)) : value;
        s.settings.sendBuffer = Math.max(1, wanted);
        boolean own = s.isStream() && !s.isLinux();
        return own ? SocketOption.apply(s, TcpOption.SO_SNDBUF, (int) Math.max(1, wanted)) : null;
    }

    /** What is asked for is an unsigned number, bounded, and doubled. */
    private static long doubled(long value) {
        return 2 * Math.min(LinuxMemory.MOST_ASKED, value & UNSIGNED);
    }

    static long receive(SocketDescriptor s) {
        if (s.settings.receiveBuffer > 0) {
            return s.settings.receiveBuffer;
        }
        boolean fresh = !(s instanceof StreamDescriptor d) || d.connection() == null;
        if (s.isLinux() && s.isStream() && fresh) {
            return s.host.memory().receiveDefault;
        }
        long window = s instanceof StreamDescriptor d && d.connection() != null
                ? d.connection().receiveQueue().limit()
                : s.host.tcp().initialReceiveBuffer;
        boolean grown = window > s.host.tcp().initialReceiveBuffer;
        return !s.isLinux() ? window : grown ? 2 * window : Math.max(2 * window, s.host.memory().receiveDefault);
    }

    static Errno setReceive(SocketDescriptor s, long value) {
        long least = s.isLinux() ? LINUX_LEAST_RECEIVE : 1;
        long doubled = s.isLinux() ? doubled(value) : value;
        s.settings.receiveBuffer = Math.max(least, doubled);
        int window = (int) (s.isLinux() ? s.settings.receiveBuffer / 2 : s.settings.receiveBuffer);
        return s.isStream() ? SocketOption.apply(s, TcpOption.SO_RCVBUF, Math.max(1, window)) : null;
    }
}
