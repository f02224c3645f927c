package dev.penstock.conformance.packetdrill;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;

/** {@code struct tcp_info} of Linux (include/uapi/linux/tcp.h), by the names of its members. */
final class KernelInfo {
    static final int LENGTH = 512;

    private static final String BYTES = "state ca_state retransmits probes backoff options";
    private static final String WORDS = "rto ato snd_mss rcv_mss unacked sacked lost retrans fackets last_data_sent "
            + "last_ack_sent last_data_recv last_ack_recv pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss "
            + "reordering rcv_rtt rcv_space total_retrans";
    private static final String LONGS = "pacing_rate max_pacing_rate bytes_acked bytes_received";
    private static final String MORE_WORDS = "segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out";
    private static final String MORE_LONGS = "delivery_rate busy_time rwnd_limited sndbuf_limited";
    private static final String LAST_WORDS = "delivered delivered_ce";
    private static final String LAST_LONGS = "bytes_sent bytes_retrans";
    private static final String NEW_WORDS = "dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash";

    private final NativeBytes bytes;
    private final int length;
    private final Map<String, BigInteger> members = new HashMap<>();
    private int at;

    private KernelInfo(NativeBytes bytes, int length) {
        this.bytes = bytes;
        this.length = length;
    }

    /** @param length bytes that the kernel wrote: an older one knows fewer members */
    static Map<String, BigInteger> members(NativeBytes bytes, int length) {
        KernelInfo info = new KernelInfo(bytes, length);
        info.read(BYTES, 1);
        int scales = bytes.b.getByte(6) & 0xff;
        info.put("snd_wscale", scales & 0xf);
        info.put("rcv_wscale", scales >>> 4);
        info.put("delivery_rate_app_limited", bytes.b.getByte(7) & 1);
        info.put("fastopen_client_fail", bytes.b.getByte(7) >>> 1 & 3);
        info.at = 8;
        info.read(WORDS, 4);
        info.read(LONGS, 8);
        info.read(MORE_WORDS, 4);
        info.read(MORE_LONGS, 8);
        info.read(LAST_WORDS, 4);
        info.read(LAST_LONGS, 8);
        info.read(NEW_WORDS, 4);
        info.read("total_rto total_rto_recoveries", 2);
        info.read("total_rto_time", 4);
        return info.members;
    }

    private void put(String name, long value) {
        members.put("tcpi_" + name, BigInteger.valueOf(value));
    }

    private void read(String names, int size) {
        for (String name : names.split(" ", -1)) {
            if (at + size > length) {
                return;
            }
            switch (size) {
                case 1 -> put(name, bytes.b.getByte(at) & 0xff);
                case 2 -> put(name, bytes.b.getShort(at) & 0xffff);
                case 4 -> put(name, bytes.intAt(at) & 0xffff_ffffL);
                default -> members.put("tcpi_" + name, new BigInteger(Long.toUnsignedString(bytes.longAt(at))));
            }
            at += size;
        }
    }
}
