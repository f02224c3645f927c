package dev.penstock.stack.tcp;

/**
 * A snapshot of a connection: what Linux's {@code struct tcp_info} tells, whose names stand behind each field here. One
 * object serves again and again; filling it allocates nothing. Times in nanoseconds, sizes in bytes where Linux counts
 * segments, rates in bytes a second. Counters begin at 0 with the connection; everything else is -1 while it is not known.
 *
 * <p>Linux's tcpi_rehash and tcpi_fastopen_client_fail have no counterpart: there is nothing to count.
 */
public final class TcpInfo {
    static final int UNKNOWN = -1;

    /** Where loss recovery stands; Linux's congestion avoidance states. */
    public enum Recovery {
        /** Nothing was lost. */
        OPEN,
        /** Duplicate or selective acknowledgments came: something may be lost. */
        DISORDER,
        /** The window is being reduced because the path marked segments (RFC 3168). */
        CWR,
        /** Fast recovery (RFC 5681, RFC 6675, RFC 8985). */
        RECOVERY,
        /** After a retransmission timeout. */
        LOSS
    }

    // --- state ---

    /** tcpi_state. */
    public TcpState state = TcpState.CLOSED;
    /** tcpi_ca_state. */
    public Recovery recovery = Recovery.OPEN;
    /** TCP_CONGESTION: "cubic", "reno", "bbr". */
    public String congestion = "";
    /** tcpi_options, TCPI_OPT_TIMESTAMPS: RFC 7323 timestamps are in use. */
    public boolean timestamps;
    /** TCPI_OPT_SACK: RFC 2018 selective acknowledgment was agreed. */
    public boolean sack;
    /** TCPI_OPT_ECN: explicit congestion notification was agreed (RFC 3168). */
    public boolean ecn;
    /** TCPI_OPT_ECN_SEEN: a segment with an ECN-capable codepoint has arrived. */
    public boolean ecnSeen;
    /** TCPI_OPT_WSCALE and tcpi_snd_wscale: Snd.Wind.Shift, of the windows that arrive; -1 when not agreed. */
    public int sendWindowScale;
    /** tcpi_rcv_wscale: Rcv.Wind.Shift, of the windows that we send, 0 .. 14; -1 when not agreed. */
    public int receiveWindowScale;

    // --- round trips and timeouts ---

    /** tcpi_rtt: smoothed round-trip time (RFC 6298). */
    public long srttNs;
    /** tcpi_rttvar. */
    public long rttvarNs;
    /** tcpi_min_rtt: the least round-trip time seen. */
    public long minRttNs;
    /** tcpi_rto: the retransmission timeout now, back-off included. */
    public long rtoNs;
    /** tcpi_ato: how long an acknowledgment may be delayed. */
    public long atoNs;
    /** tcpi_rcv_rtt: the round-trip time as the receiver sees it. */
    public long receiveRttNs;
    /** tcpi_retransmits: timeouts in a row without progress. */
    public int timeoutsInRow;
    /** tcpi_probes: zero-window or keepalive probes without an answer. */
    public int probesInRow;
    /** tcpi_backoff: doublings of the RTO, or of the interval between probes. */
    public int backoff;
    /** tcpi_total_rto: how often the retransmission timer expired. */
    public long timeouts;
    /** tcpi_total_rto_recoveries: how often a series of timeouts ended with progress. */
    public long timeoutRecoveries;
    /** tcpi_total_rto_time: how long such series lasted, from the first timeout to the end of recovery. */
    public long timeoutRecoveryNs;

    // --- windows and sizes ---

    /** tcpi_snd_mss: the largest payload we send in a segment. */
    public int sendMss;
    /** tcpi_rcv_mss: the largest payload the peer was seen to send, or its default. */
    public int receiveMss;
    /** tcpi_advmss: the MSS that we announce. */
    public int advertisedMss;
    /** tcpi_pmtu: path MTU. */
    public int pathMtu;
    /** tcpi_snd_cwnd: congestion window. */
    public long cwnd;
    /** tcpi_snd_ssthresh: slow-start threshold; -1 while there is none. */
    public long ssthresh;
    /** tcpi_snd_wnd: the peer's window. */
    public long sendWindow;
    /** tcpi_rcv_wnd: our window as last advertised. */
    public long receiveWindow;
    /** tcpi_rcv_ssthresh: the largest window that we would offer now. */
    public long receiveWindowLimit;
    /** tcpi_rcv_space: what the application takes in a round trip, for autotuning. */
    public long receiveSpace;

    // --- in flight ---

    /** tcpi_unacked: sent and not acknowledged. */
    public long bytesInFlight;
    /** tcpi_sacked: of these, selectively acknowledged. */
    public long bytesSacked;
    /** tcpi_lost: of these, judged lost. */
    public long bytesLost;
    /** tcpi_retrans: of these, sent again and not yet acknowledged. */
    public long bytesRetransmittedInFlight;
    /** RFC 6675's pipe: what is thought to be in the network. */
    public long pipe;
    /** tcpi_notsent_bytes: in the send queue and never sent. */
    public long bytesNotSent;
    /** tcpi_reordering: duplicate acknowledgments that make a loss, where these are counted. */
    public int reordering;
    /** RACK's reordering window (RFC 8985, section 6.2). */
    public long reorderWindowNs;

    // --- rates ---

    /** tcpi_pacing_rate; -1 while nothing is paced. */
    public long pacingRate;
    /** tcpi_max_pacing_rate: {@link TcpOptions#maxPacingRate}; -1 for no limit. */
    public long maxPacingRate;
    /** tcpi_delivery_rate: the newest sample of what the peer gets. */
    public long deliveryRate;
    /** tcpi_delivery_rate_app_limited: the application limited that sample. */
    public boolean deliveryRateAppLimited;
    /** tcpi_busy_time: how long there was something to send or to have acknowledged. */
    public long busyNs;
    /** tcpi_rwnd_limited: of that, how long the peer's window held us back. */
    public long receiveWindowLimitedNs;
    /** tcpi_sndbuf_limited: of that, how long the size of the send buffer held us back. */
    public long sendBufferLimitedNs;

    // --- since when ---

    /** tcpi_last_data_sent: time since data was sent. */
    public long sinceDataSentNs;
    /** tcpi_last_ack_sent, which Linux does not remember: time since anything was sent. */
    public long sinceAckSentNs;
    /** tcpi_last_data_recv: time since data was received. */
    public long sinceDataReceivedNs;
    /** tcpi_last_ack_recv: time since an acknowledgment was received. */
    public long sinceAckReceivedNs;

    // --- counters ---

    /** tcpi_bytes_sent: payload sent, retransmissions not included (Linux includes them). */
    public long bytesSent;
    /** tcpi_bytes_acked. */
    public long bytesAcked;
    /** tcpi_bytes_received. */
    public long bytesReceived;
    /** tcpi_bytes_retrans. */
    public long bytesRetransmitted;
    /** tcpi_delivered: acknowledged, selectively or not. */
    public long bytesDelivered;
    /** tcpi_delivered_ce: echoes of congestion marks (RFC 3168). */
    public long congestionEchoes;
    /** tcpi_segs_out: segments sent, those of a super-segment each. */
    public long segmentsOut;
    /** tcpi_segs_in: segments received, those of a super-segment each. */
    public long segmentsIn;
    /** tcpi_data_segs_out: of these, with payload. */
    public long dataSegmentsOut;
    /** tcpi_data_segs_in: of these, with payload. */
    public long dataSegmentsIn;
    /** tcpi_total_retrans: transmissions of what had been sent before. */
    public long retransmits;
    /** tcpi_dsack_dups: duplicates that the peer reported (RFC 2883). */
    public long duplicateSacks;
    /** tcpi_reord_seen: how often reordering was seen. */
    public long reorderingSeen;
    /** tcpi_rcv_ooopack: segments that arrived out of order. */
    public long outOfOrderSegments;
    /** Duplicate acknowledgments (RFC 5681, section 2). */
    public long duplicateAcks;
    /** Fast recoveries (RFC 5681; RFC 9937). */
    public long recoveries;
    /** Fast recoveries and timeouts that turned out spurious, and were undone. */
    public long undos;
    /** Tail loss probes sent (RFC 8985, section 7). */
    public long tailLossProbes;

    public TcpInfo() {
        clear();
    }

    /** Everything as it is where nothing is known. */
    public void clear() {
        state = TcpState.CLOSED;
        recovery = Recovery.OPEN;
        congestion = "";
        timestamps = false;
        sack = false;
        ecn = false;
        ecnSeen = false;
        deliveryRateAppLimited = false;
        clearEstimates();
        clearCounters();
    }

    private void clearEstimates() {
        sendWindowScale = UNKNOWN;
        receiveWindowScale = UNKNOWN;
        srttNs = UNKNOWN;
        rttvarNs = UNKNOWN;
        minRttNs = UNKNOWN;
        rtoNs = UNKNOWN;
        atoNs = UNKNOWN;
        receiveRttNs = UNKNOWN;
        sendMss = UNKNOWN;
        receiveMss = UNKNOWN;
        advertisedMss = UNKNOWN;
        pathMtu = UNKNOWN;
        cwnd = UNKNOWN;
        ssthresh = UNKNOWN;
        sendWindow = UNKNOWN;
        receiveWindow = UNKNOWN;
        receiveWindowLimit = UNKNOWN;
        receiveSpace = UNKNOWN;
        pipe = UNKNOWN;
        reordering = UNKNOWN;
        reorderWindowNs = UNKNOWN;
        pacingRate = UNKNOWN;
        maxPacingRate = UNKNOWN;
        deliveryRate = UNKNOWN;
        sinceDataSentNs = UNKNOWN;
        sinceAckSentNs = UNKNOWN;
        sinceDataReceivedNs = UNKNOWN;
        sinceAckReceivedNs = UNKNOWN;
    }

    private void clearCounters() {
        timeoutsInRow = 0;
        probesInRow = 0;
        backoff = 0;
        timeouts = 0;
        timeoutRecoveries = 0;
        timeoutRecoveryNs = 0;
        bytesInFlight = 0;
        bytesSacked = 0;
        bytesLost = 0;
        bytesRetransmittedInFlight = 0;
        bytesNotSent = 0;
        busyNs = 0;
        receiveWindowLimitedNs = 0;
        sendBufferLimitedNs = 0;
        bytesSent = 0;
        bytesAcked = 0;
        bytesReceived = 0;
        bytesRetransmitted = 0;
        bytesDelivered = 0;
        congestionEchoes = 0;
        segmentsOut = 0;
        segmentsIn = 0;
        dataSegmentsOut = 0;
        dataSegmentsIn = 0;
        retransmits = 0;
        duplicateSacks = 0;
        reorderingSeen = 0;
        outOfOrderSegments = 0;
        duplicateAcks = 0;
        recoveries = 0;
        undos = 0;
        tailLossProbes = 0;
    }

    /**
     * One line in the style of {@code ss -i}: times in milliseconds, rates in bits a second, cwnd in bytes; what is not
     * known, and counters of 0, are left out.
     */
    @Override
    public String toString() {
        return TcpInfoLine.of(this);
    }
}
