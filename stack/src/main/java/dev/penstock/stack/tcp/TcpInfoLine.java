package dev.penstock.stack.tcp;

import java.util.Locale;

/** {@link TcpInfo} on one line, as {@code ss -i} shows it. */
final class TcpInfoLine {
    private final StringBuilder line = new StringBuilder(512);

    private TcpInfoLine() {}

    static String of(TcpInfo i) {
        TcpInfoLine l = new TcpInfoLine();
        l.state(i);
        l.sender(i);
        l.rates(i);
        l.inFlight(i);
        l.counters(i);
        return l.line.toString();
    }

    private void state(TcpInfo i) {
        line.append(i.state);
        word(i.timestamps, "ts");
        word(i.sack, "sack");
        word(i.ecn, "ecn");
        word(i.ecnSeen, "ecnseen");
        word(!i.congestion.isEmpty(), i.congestion);
        if (i.recovery != TcpInfo.Recovery.OPEN) {
            line.append(" ca:").append(i.recovery.name().toLowerCase(Locale.ROOT));
        }
        if (i.sendWindowScale >= 0 && i.receiveWindowScale >= 0) {
            line.append(" wscale:").append(i.sendWindowScale).append(',').append(i.receiveWindowScale);
        }
        ms("rto", i.rtoNs);
        counter("backoff", i.backoff);
        if (i.srttNs >= 0) {
            ms("rtt", i.srttNs);
            line.append('/').append(millis(i.rttvarNs));
        }
        ms("ato", i.atoNs);
    }

    private void sender(TcpInfo i) {
        known("mss", i.sendMss);
        known("pmtu", i.pathMtu);
        known("rcvmss", i.receiveMss);
        known("advmss", i.advertisedMss);
        known("cwnd", i.cwnd);
        known("ssthresh", i.ssthresh);
        counter("bytes_sent", i.bytesSent);
        counter("bytes_retrans", i.bytesRetransmitted);
        counter("bytes_acked", i.bytesAcked);
        counter("bytes_received", i.bytesReceived);
        counter("segs_out", i.segmentsOut);
        counter("segs_in", i.segmentsIn);
        counter("data_segs_out", i.dataSegmentsOut);
        counter("data_segs_in", i.dataSegmentsIn);
    }

    private void rates(TcpInfo i) {
        if (i.srttNs > 0 && i.cwnd > 0) {
            rate("send", (long) (i.cwnd * 1e9 / i.srttNs));
        }
        ms("lastsnd", i.sinceDataSentNs);
        ms("lastrcv", i.sinceDataReceivedNs);
        ms("lastack", i.sinceAckReceivedNs);
        rate("pacing_rate", i.pacingRate);
        rate("max_pacing_rate", i.maxPacingRate);
        rate("delivery_rate", i.deliveryRate);
        word(i.deliveryRateAppLimited, "app_limited");
        counter("delivered", i.bytesDelivered);
        counter("delivered_ce", i.congestionEchoes);
        duration("busy", i.busyNs);
        duration("rwnd_limited", i.receiveWindowLimitedNs);
        duration("sndbuf_limited", i.sendBufferLimitedNs);
    }

    private void inFlight(TcpInfo i) {
        counter("unacked", i.bytesInFlight);
        counter("retrans_inflight", i.bytesRetransmittedInFlight);
        counter("lost", i.bytesLost);
        counter("sacked", i.bytesSacked);
        known("pipe", i.pipe);
        counter("notsent", i.bytesNotSent);
        known("reordering", i.reordering);
        ms("reo_wnd", i.reorderWindowNs);
    }

    private void counters(TcpInfo i) {
        counter("retrans", i.retransmits);
        counter("dsack_dups", i.duplicateSacks);
        counter("reord_seen", i.reorderingSeen);
        counter("rcv_ooopack", i.outOfOrderSegments);
        counter("rto_total", i.timeouts);
        counter("tlp", i.tailLossProbes);
        counter("undo", i.undos);
        ms("rcv_rtt", i.receiveRttNs);
        known("rcv_space", i.receiveSpace);
        known("rcv_ssthresh", i.receiveWindowLimit);
        ms("minrtt", i.minRttNs);
        known("snd_wnd", i.sendWindow);
        known("rcv_wnd", i.receiveWindow);
    }

    private void word(boolean shown, String word) {
        if (shown) {
            line.append(' ').append(word);
        }
    }

    private void known(String name, long value) {
        if (value >= 0) {
            line.append(' ').append(name).append(':').append(value);
        }
    }

    private void counter(String name, long value) {
        if (value > 0) {
            line.append(' ').append(name).append(':').append(value);
        }
    }

    private void ms(String name, long ns) {
        if (ns >= 0) {
            line.append(' ').append(name).append(':').append(millis(ns));
        }
    }

    private void duration(String name, long ns) {
        if (ns > 0) {
            ms(name, ns);
            line.append("ms");
        }
    }

    /** {@code 0.05}, {@code 40}, {@code 204.125}: up to three digits after the point, none of them an idle 0. */
    private static String millis(long ns) {
        long us = (ns + 500) / 1000;
        String text = us / 1000 + "." + String.format(Locale.ROOT, "%03d", us % 1000);
        int end = text.length();
        while (text.charAt(end - 1) == '0') {
            end--;
        }
        return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
    }

    private void rate(String name, long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            return;
        }
        double bits = bytesPerSecond * 8.0;
        line.append(' ').append(name).append(' ');
        if (bits >= 1e9) {
            line.append(String.format(Locale.ROOT, "%.2fGbps", bits / 1e9));
        } else if (bits >= 1e6) {
            line.append(String.format(Locale.ROOT, "%.2fMbps", bits / 1e6));
        } else if (bits >= 1e3) {
            line.append(String.format(Locale.ROOT, "%.1fkbps", bits / 1e3));
        } else {
            line.append((long) bits).append("bps");
        }
    }
}
