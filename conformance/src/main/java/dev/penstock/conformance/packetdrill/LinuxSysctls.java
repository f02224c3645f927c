package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.SynCookiePolicy;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpMtuProbing;

/** Linux's settings (Documentation/networking/ip-sysctl.rst). */
final class LinuxSysctls {
    private static final String P = "net.ipv4.";
    private static final String T = "net.ipv4.tcp_";
    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long INT = Integer.MAX_VALUE;

    private LinuxSysctls() {}

    static void addTo(Sysctls s) {
        options(s, s.config());
        timers(s, s.config());
        limits(s, s.config());
        new LinuxBuffers(s.config(), s.memory()).addTo(s);
        recovery(s, s.config());
        sending(s);
        harmless(s);
        missing(s);
    }

    private static void options(Sysctls s, TcpConfig c) {
        s.number(T + "sack", 0, 1, v -> c.sack = v != 0);
        s.number(T + "timestamps", 0, 2, v -> c.timestamps = v != 0);
        s.number(T + "window_scaling", 0, 1, v -> c.windowScaling = v != 0);
        s.number(T + "ecn", 0, 2, v -> c.ecn = v == 0 ? TcpEcn.OFF : v == 1 ? TcpEcn.ON : TcpEcn.PASSIVE);
        s.number(T + "dsack", 0, 1, v -> c.dsack = v != 0);
        s.put(T + "congestion_control", text -> {
            if (!text.equals("cubic") && !text.equals("reno")) {
                return "the congestion control '" + text + "' is not there; cubic and reno are";
            }
            c.defaults.congestion = text;
            return null;
        });
        s.number(
                T + "syncookies",
                0,
                2,
                v -> c.synCookies =
                        v == 0 ? SynCookiePolicy.OFF : v == 1 ? SynCookiePolicy.WHEN_FULL : SynCookiePolicy.ALWAYS);
        s.number(
                T + "mtu_probing",
                0,
                2,
                v -> c.mtuProbing =
                        v == 0 ? TcpMtuProbing.OFF : v == 1 ? TcpMtuProbing.ON_BLACK_HOLE : TcpMtuProbing.ALWAYS);
        s.number(P + "ip_default_ttl", 1, 255, v -> c.defaults.ttl = (int) v);
    }

    private static void timers(Sysctls s, TcpConfig c) {
        s.number(T + "syn_retries", 0, 127, v -> c.synRetries = (int) v);
        s.number(T + "synack_retries", 0, 255, v -> c.synAckRetries = (int) v);
        s.number(T + "retries1", 0, 255, v -> c.doubtRetries = (int) v);
        s.number(T + "retries2", 0, 255, v -> c.dataRetries = (int) v);
        // "The default value of 0 means 8."
        s.number(T + "orphan_retries", 0, 255, v -> c.orphanRetries = v == 0 ? 8 : (int) v);
        s.number(T + "fin_timeout", 1, INT, v -> c.finWait2Ns = v * SECOND);
        s.number(T + "keepalive_time", 1, 32_767, v -> c.defaults.keepIdleNs = v * SECOND);
        s.number(T + "keepalive_intvl", 1, 32_767, v -> c.defaults.keepIntervalNs = v * SECOND);
        s.number(T + "keepalive_probes", 1, 127, v -> c.defaults.keepCount = (int) v);
        s.number(T + "invalid_ratelimit", 0, INT, v -> c.outOfWindowAckIntervalNs = v * MS);
        s.number(T + "rto_min_us", 1, INT, v -> c.minRtoVariationNs = v * 1_000);
        s.number(T + "rto_max_ms", 1_000, 120_000, v -> c.maxRtoNs = v * MS);
        s.number(T + "syn_linear_timeouts", 0, 127, v -> c.synLinearTimeouts = (int) v);
        s.number(T + "rfc1337", 0, 1, v -> c.timeWaitIgnoresResets = v != 0);
        s.fixed(T + "thin_linear_timeouts", v -> v == 0, "timeouts always back off");
    }

    private static void limits(Sysctls s, TcpConfig c) {
        s.number(T + "challenge_ack_limit", 1, INT, v -> c.challengeAcksPerSecond = (int) v);
        s.number(T + "max_syn_backlog", 1, INT, v -> c.maxHalfOpen = (int) Math.min(v, 1 << 20));
        s.number(T + "max_tw_buckets", 1, INT, v -> c.maxTimeWait = (int) Math.min(v, 1 << 20));
        s.number(T + "max_orphans", 1, INT, v -> c.maxOrphans = (int) Math.min(v, 1 << 20));
        s.number(T + "notsent_lowat", 0, 0xffff_ffffL, v -> s.memory().notSentLowat = v);
        s.put(P + "ip_local_port_range", text -> {
            String[] words = text.split("\\s+", -1);
            int first = Integer.parseInt(words[0]);
            int last = Integer.parseInt(words[words.length - 1]);
            if (first < 1 || last > 65_535 || first > last) {
                throw new NumberFormatException(text);
            }
            c.ephemeralPortFirst = first;
            c.ephemeralPortLast = last;
            return null;
        });
    }

    private static void recovery(Sysctls s, TcpConfig c) {
        s.put(T + "recovery", text -> {
            long bits = Long.decode(text);
            if (bits > 1) {
                return "tcp_recovery = " + text + ": RACK's window adapts, and its threshold of duplicates stands";
            }
            c.rack = bits == 1;
            return null;
        });
        // "3 - enables TLP"; "4 - enables TLP only"; with the others there is none.
        s.number(T + "early_retrans", 0, 4, v -> c.tailLossProbe = v >= 3);
        s.fixed(T + "reordering", v -> v == 3, "the threshold begins at 3 duplicates");
        s.harmless("spurious timeouts are always looked for", T + "max_reordering");
        s.fixed(T + "frto", v -> v != 0, "F-RTO cannot be turned off");
        s.fixed(T + "ecn_fallback", v -> v == 1, "a SYN that was lost is always sent again without ECN");
        s.fixed(T + "mtu_probe_floor", v -> v == 48, "the floor of probes is fixed");
        s.fixed(T + "base_mss", v -> v == 1_024 || c.mtuProbing == TcpMtuProbing.OFF, "the base of probes is fixed");
        s.fixed(T + "probe_threshold", v -> v == 8, "the end of the search is fixed");
        s.fixed(T + "probe_interval", v -> v == 600, "the interval of probes is fixed");
    }

    private static void sending(Sysctls s) {
        s.harmless(
                "segments are joined before they are compared, and the wire takes everything at once",
                T + "min_tso_segs",
                T + "tso_win_divisor",
                T + "tso_rtt_log",
                T + "limit_output_bytes",
                T + "autocorking",
                T + "backlog_ack_defer",
                T + "pacing_ss_ratio",
                T + "pacing_ca_ratio");
        s.harmless(
                "acknowledgments are not compressed here",
                T + "comp_sack_delay_ns",
                T + "comp_sack_slack_ns",
                T + "comp_sack_nr",
                T + "comp_sack_rtt_percent");
        s.harmless("what is sent again is cut anew in any case", T + "retrans_collapse");
    }

    private static void harmless(Sysctls s) {
        s.harmless(
                "gone from Linux itself",
                T + "fack",
                T + "abc",
                T + "tw_recycle",
                T + "low_latency",
                T + "cookie_size",
                T + "dma_copybreak",
                T + "thin_dupack",
                T + "max_ssthresh",
                T + "frto_response",
                T + "vegas_cong_avoid",
                T + "bic");
        s.harmless(
                "nothing is remembered from connection to connection",
                T + "no_metrics_save",
                T + "no_ssthresh_metrics_save");
        s.harmless(
                "about memory, other machines, or what no script can see",
                T + "mem",
                T + "min_rtt_wlen",
                T + "tw_reuse",
                T + "tw_reuse_delay",
                T + "available_congestion_control",
                T + "allowed_congestion_control",
                T + "early_demux",
                T + "collapse_max_bytes",
                T + "app_win",
                T + "rx_skb_cache",
                T + "tx_skb_cache",
                T + "child_ehash_entries",
                T + "ehash_entries",
                T + "l3mdev_accept",
                T + "migrate_req",
                T + "fwmark_accept",
                T + "fastopen_blackhole_timeout_sec",
                T + "fastopen_blackhole_timeout",
                T + "probe_floor",
                T + "stdurg_warn",
                T + "plb_idle_rehash_rounds",
                T + "plb_rehash_rounds",
                T + "plb_suspend_rto_sec",
                T + "plb_cong_thresh",
                P + "ip_forward",
                P + "ip_early_demux",
                P + "tcp_reflect_tos_warn");
        otherParts(s);
    }

    private static void otherParts(Sysctls s) {
        for (String prefix : new String[] {
            "net.ipv4.conf.",
            "net.ipv6.conf.",
            "net.ipv4.route.",
            "net.ipv6.route.",
            "net.ipv4.neigh.",
            "net.ipv6.neigh.",
            "net.ipv4.icmp_",
            "net.ipv6.icmp.",
            "net.ipv4.ipfrag_",
            "net.ipv6.ip6frag_",
            "net.ipv4.udp_",
            "net.ipv6.auto_flowlabels",
            "net.ipv6.flowlabel",
            "net.core.",
            "kernel.",
            "net.ipv4.igmp_",
            "net.mptcp.",
            "net.netfilter.",
            "debug.",
            "vm.",
            "fs."
        }) {
            s.harmlessFamily("about other parts of a machine", prefix);
        }
    }

    private static void missing(Sysctls s) {
        s.put(T + "fastopen", text -> (Long.decode(text) & 2) == 0 ? null : "TCP Fast Open is not supported");
        s.missing("TCP Fast Open is not supported", T + "fastopen_key");
        s.fixed(T + "workaround_signed_windows", v -> v == 0, "windows are never kept below 32 KiB");
        s.fixed(T + "shrink_window", v -> v == 0, "windows never shrink");
        s.fixed(T + "stdurg", v -> v == 0, "the urgent pointer is RFC 6093's");
        s.fixed(T + "abort_on_overflow", v -> v == 0, "SYNs and ACKs beyond the backlog are dropped");
        s.fixed(T + "reflect_tos", v -> v == 0, "SYN-ACKs do not take over the peer's type of service");
        s.fixed(T + "plb_enabled", v -> v == 0, "there is no protective load balancing");
        s.fixed(T + "pingpong_thresh", v -> v == 1, "the first answer makes a connection interactive");
        s.fixed(P + "ip_no_pmtu_disc", v -> v == 0, "the path's MTU is always discovered");
        s.fixed(P + "ip_nonlocal_bind", v -> v == 0, "addresses of others cannot be bound");
        s.missing("the options of AccECN are not supported", T + "ecn_option", T + "ecn_option_beacon");
    }
}
