package dev.penstock.conformance.packetdrill.code;

import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpState;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code TCP_INFO} under the names, in the units and with the numbers that Linux (include/uapi/linux/tcp.h) and FreeBSD
 * (netinet/tcp.h) give it.
 */
public final class InfoNames {
    private static final long NS_PER_US = 1_000;
    private static final long NS_PER_MS = 1_000_000;

    /** Linux: TCP_INFINITE_SSTHRESH. */
    private static final long NO_SSTHRESH_LINUX = 0x7fffffff;
    /** FreeBSD: TCP_MAXWIN &lt;&lt; TCP_MAX_WINSHIFT. */
    private static final long NO_SSTHRESH_BSD = 65_535L << 14;

    private static final BigInteger NO_RATE = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final long NO_MIN_RTT = 0xffff_ffffL;
    private static final int USUAL_REORDERING = 3;

    private static final Map<String, Object> LINUX_CONSTANTS = constants(
            "TCP_ESTABLISHED",
            1,
            "TCP_SYN_SENT",
            2,
            "TCP_SYN_RECV",
            3,
            "TCP_FIN_WAIT1",
            4,
            "TCP_FIN_WAIT2",
            5,
            "TCP_TIME_WAIT",
            6,
            "TCP_CLOSE",
            7,
            "TCP_CLOSE_WAIT",
            8,
            "TCP_LAST_ACK",
            9,
            "TCP_LISTEN",
            10,
            "TCP_CLOSING",
            11,
            "TCP_CA_Open",
            0,
            "TCP_CA_Disorder",
            1,
            "TCP_CA_CWR",
            2,
            "TCP_CA_Recovery",
            3,
            "TCP_CA_Loss",
            4,
            "TCPI_OPT_TIMESTAMPS",
            1,
            "TCPI_OPT_SACK",
            2,
            "TCPI_OPT_WSCALE",
            4,
            "TCPI_OPT_ECN",
            8,
            "TCPI_OPT_ECN_SEEN",
            16,
            "TCPI_OPT_SYN_DATA",
            32);
    private static final Map<String, Object> BSD_CONSTANTS = constants(
            "TCPS_CLOSED",
            0,
            "TCPS_LISTEN",
            1,
            "TCPS_SYN_SENT",
            2,
            "TCPS_SYN_RECEIVED",
            3,
            "TCPS_ESTABLISHED",
            4,
            "TCPS_CLOSE_WAIT",
            5,
            "TCPS_FIN_WAIT_1",
            6,
            "TCPS_CLOSING",
            7,
            "TCPS_LAST_ACK",
            8,
            "TCPS_FIN_WAIT_2",
            9,
            "TCPS_TIME_WAIT",
            10,
            "TCPI_OPT_TIMESTAMPS",
            1,
            "TCPI_OPT_SACK",
            2,
            "TCPI_OPT_WSCALE",
            4,
            "TCPI_OPT_ECN",
            8);

    private final Map<String, Object> names = new HashMap<>();

    private InfoNames() {}

    static Map<String, Object> constants(boolean bsd) {
        return bsd ? BSD_CONSTANTS : LINUX_CONSTANTS;
    }

    /** By Linux's names, {@code tcpi_...}: values are {@link Number}s. */
    public static Map<String, Object> linux(TcpInfo info) {
        InfoNames n = new InfoNames();
        n.common(info);
        n.put("tcpi_state", linuxState(info.state));
        n.put("tcpi_ca_state", info.recovery.ordinal());
        n.put("tcpi_retransmits", info.timeoutsInRow);
        n.put("tcpi_probes", info.probesInRow);
        n.put("tcpi_backoff", info.backoff);
        n.put("tcpi_options", options(info) | (info.ecnSeen ? 16 : 0));
        n.segments(info);
        n.linuxTimes(info);
        n.linuxCounters(info);
        return n.names;
    }

    /** Linux counts segments where we count bytes. */
    private void segments(TcpInfo info) {
        long mss = Math.max(1, info.sendMss);
        put("tcpi_snd_cwnd", known(info.cwnd) / mss);
        put("tcpi_snd_ssthresh", info.ssthresh < 0 ? NO_SSTHRESH_LINUX : info.ssthresh / mss);
        put("tcpi_unacked", segments(info.bytesInFlight, mss));
        put("tcpi_sacked", segments(info.bytesSacked, mss));
        put("tcpi_lost", segments(info.bytesLost, mss));
        put("tcpi_retrans", segments(info.bytesRetransmittedInFlight, mss));
        put("tcpi_fackets", 0);
        put("tcpi_reordering", info.reordering < 0 ? USUAL_REORDERING : info.reordering);
        // The handshake's own segment was delivered, too.
        long handshake = info.state.isSynchronized() ? 1 : 0;
        put("tcpi_delivered", segments(info.bytesDelivered, mss) + handshake);
        put("tcpi_delivered_ce", info.congestionEchoes);
    }

    private void linuxTimes(TcpInfo info) {
        put("tcpi_ato", known(info.atoNs) / NS_PER_US);
        put("tcpi_min_rtt", info.minRttNs < 0 ? NO_MIN_RTT : info.minRttNs / NS_PER_US);
        put("tcpi_rcv_rtt", known(info.receiveRttNs) / NS_PER_US);
        put("tcpi_busy_time", info.busyNs / NS_PER_US);
        put("tcpi_rwnd_limited", info.receiveWindowLimitedNs / NS_PER_US);
        put("tcpi_sndbuf_limited", info.sendBufferLimitedNs / NS_PER_US);
        put("tcpi_last_data_sent", known(info.sinceDataSentNs) / NS_PER_MS);
        put("tcpi_last_ack_sent", 0);
        put("tcpi_last_data_recv", known(info.sinceDataReceivedNs) / NS_PER_MS);
        put("tcpi_last_ack_recv", known(info.sinceAckReceivedNs) / NS_PER_MS);
        put("tcpi_total_rto_time", info.timeoutRecoveryNs / NS_PER_MS);
    }

    private void linuxCounters(TcpInfo info) {
        put("tcpi_pmtu", known(info.pathMtu));
        put("tcpi_advmss", known(info.advertisedMss));
        put("tcpi_rcv_ssthresh", known(info.receiveWindowLimit));
        put("tcpi_total_retrans", info.retransmits);
        names.put("tcpi_pacing_rate", rate(info.pacingRate));
        names.put("tcpi_max_pacing_rate", rate(info.maxPacingRate));
        put("tcpi_delivery_rate", known(info.deliveryRate));
        put("tcpi_delivery_rate_app_limited", info.deliveryRateAppLimited ? 1 : 0);
        put("tcpi_bytes_acked", info.bytesAcked);
        put("tcpi_bytes_received", info.bytesReceived);
        // Linux counts what was sent again once more.
        put("tcpi_bytes_sent", info.bytesSent + info.bytesRetransmitted);
        put("tcpi_bytes_retrans", info.bytesRetransmitted);
        put("tcpi_notsent_bytes", info.bytesNotSent);
        put("tcpi_segs_out", info.segmentsOut);
        put("tcpi_segs_in", info.segmentsIn);
        put("tcpi_data_segs_out", info.dataSegmentsOut);
        put("tcpi_data_segs_in", info.dataSegmentsIn);
        put("tcpi_dsack_dups", info.duplicateSacks);
        put("tcpi_reord_seen", info.reorderingSeen);
        put("tcpi_rcv_ooopack", info.outOfOrderSegments);
        put("tcpi_snd_wnd", known(info.sendWindow));
        put("tcpi_rcv_wnd", known(info.receiveWindow));
        put("tcpi_rehash", 0);
        put("tcpi_total_rto", info.timeouts);
        put("tcpi_total_rto_recoveries", info.timeoutRecoveries);
    }

    /** By FreeBSD's names, {@code tcpi_...}: values are {@link Number}s. */
    public static Map<String, Object> bsd(TcpInfo info) {
        InfoNames n = new InfoNames();
        n.common(info);
        n.put("tcpi_state", bsdState(info.state));
        n.put("tcpi_options", options(info));
        n.put("tcpi_snd_cwnd", known(info.cwnd));
        n.put("tcpi_snd_ssthresh", info.ssthresh < 0 ? NO_SSTHRESH_BSD : info.ssthresh);
        n.put("tcpi_snd_wnd", known(info.sendWindow));
        n.put("tcpi_snd_bwnd", 0);
        n.put("tcpi_snd_rexmitpack", info.retransmits);
        n.put("tcpi_rcv_ooopack", info.outOfOrderSegments);
        n.put("tcpi_last_data_recv", known(info.sinceDataReceivedNs) / NS_PER_US);
        return n.names;
    }

    private void common(TcpInfo info) {
        put("tcpi_snd_wscale", Math.max(0, info.sendWindowScale));
        put("tcpi_rcv_wscale", Math.max(0, info.receiveWindowScale));
        put("tcpi_rto", known(info.rtoNs) / NS_PER_US);
        put("tcpi_rtt", known(info.srttNs) / NS_PER_US);
        put("tcpi_rttvar", known(info.rttvarNs) / NS_PER_US);
        put("tcpi_snd_mss", known(info.sendMss));
        put("tcpi_rcv_mss", known(info.receiveMss));
        put("tcpi_rcv_space", known(info.receiveSpace));
    }

    private static int options(TcpInfo info) {
        return (info.timestamps ? 1 : 0)
                | (info.sack ? 2 : 0)
                | (info.sendWindowScale >= 0 ? 4 : 0)
                | (info.ecn ? 8 : 0);
    }

    private static int linuxState(TcpState state) {
        return switch (state) {
            case ESTABLISHED -> 1;
            case SYN_SENT -> 2;
            case SYN_RECEIVED -> 3;
            case FIN_WAIT_1 -> 4;
            case FIN_WAIT_2 -> 5;
            case TIME_WAIT -> 6;
            case CLOSED -> 7;
            case CLOSE_WAIT -> 8;
            case LAST_ACK -> 9;
            case LISTEN -> 10;
            case CLOSING -> 11;
        };
    }

    private static int bsdState(TcpState state) {
        return switch (state) {
            case CLOSED -> 0;
            case LISTEN -> 1;
            case SYN_SENT -> 2;
            case SYN_RECEIVED -> 3;
            case ESTABLISHED -> 4;
            case CLOSE_WAIT -> 5;
            case FIN_WAIT_1 -> 6;
            case CLOSING -> 7;
            case LAST_ACK -> 8;
            case FIN_WAIT_2 -> 9;
            case TIME_WAIT -> 10;
        };
    }

    private static long segments(long bytes, long mss) {
        return (bytes + mss - 1) / mss;
    }

    private static long known(long value) {
        return Math.max(0, value);
    }

    private static BigInteger rate(long value) {
        return value < 0 ? NO_RATE : BigInteger.valueOf(value);
    }

    private void put(String name, long value) {
        names.put(name, BigInteger.valueOf(value));
    }

    private static Map<String, Object> constants(Object... pairs) {
        Map<String, Object> all = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            all.put((String) pairs[i], BigInteger.valueOf((Integer) pairs[i + 1]));
        }
        return Map.copyOf(all);
    }
}
