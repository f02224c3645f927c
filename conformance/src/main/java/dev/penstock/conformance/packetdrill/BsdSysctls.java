package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.SynCookiePolicy;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpEcn;

/** FreeBSD's settings (tcp(4), mod_cc(4), tuning(7)). */
final class BsdSysctls {
    private static final String T = "net.inet.tcp.";
    private static final long MS = 1_000_000L;
    private static final long INT = Integer.MAX_VALUE;

    private BsdSysctls() {}

    static void addTo(Sysctls s) {
        options(s, s.config());
        timers(s, s.config());
        buffers(s, s.config());
        fixed(s);
        harmless(s);
    }

    private static void options(Sysctls s, TcpConfig c) {
        s.number(T + "sack.enable", 0, 1, v -> c.sack = v != 0);
        // "0: disabled; 1: full support; 2: only window scaling; 3: only timestamps"
        s.number(T + "rfc1323", 0, 3, v -> {
            c.windowScaling = v == 1 || v == 2;
            c.timestamps = v == 1 || v == 3;
        });
        s.number(T + "ecn.enable", 0, 2, v -> c.ecn = v == 0 ? TcpEcn.OFF : v == 1 ? TcpEcn.ON : TcpEcn.PASSIVE);
        s.put(T + "cc.algorithm", text -> {
            String ours = text.equals("newreno") ? "reno" : text;
            if (!ours.equals("cubic") && !ours.equals("reno")) {
                return "the congestion control '" + text + "' is not there; cubic and newreno are";
            }
            c.defaults.congestion = ours;
            return null;
        });
        s.number(T + "delayed_ack", 0, 1, v -> c.defaults.delayedAck = v != 0);
        s.number(T + "always_keepalive", 0, 1, v -> c.defaults.keepAlive = v != 0);
        s.number(T + "syncookies", 0, 1, v -> c.synCookies = v == 0 ? SynCookiePolicy.OFF : SynCookiePolicy.WHEN_FULL);
        s.number(T + "syncookies_only", 0, 1, v -> c.synCookies = v == 0 ? c.synCookies : SynCookiePolicy.ALWAYS);
        s.number("net.inet.ip.ttl", 1, 255, v -> c.defaults.ttl = (int) v);
        s.number(T + "initcwnd_segments", 0, 1_000, v -> c.initialWindowSegments = (int) v);
        s.number(T + "abc_l_var", 1, 1_000, v -> c.slowStartSegments = (int) v);
        s.number(T + "cc.abe", 0, 1, v -> c.alternativeBackoff = v != 0);
        s.put(
                T + "functions_default",
                text -> text.equals("freebsd") ? null : "there is no TCP stack '" + text + "' here, only 'freebsd'");
    }

    private static void timers(Sysctls s, TcpConfig c) {
        s.number(T + "delacktime", 1, 499, v -> c.delayedAckNs = v * MS);
        s.number(T + "rexmit_min", 1, 60_000, v -> c.minRtoNs = v * MS);
        s.number(T + "rexmit_slop", 0, 60_000, v -> c.rtoSlopNs = v * MS);
        s.number(T + "rexmit_initial", 1, 60_000, v -> c.initialRtoNs = v * MS);
        s.number(T + "keepidle", 1, 32_767_000, v -> c.defaults.keepIdleNs = v * MS);
        s.number(T + "keepintvl", 1, 32_767_000, v -> c.defaults.keepIntervalNs = v * MS);
        s.number(T + "keepcnt", 1, 127, v -> c.defaults.keepCount = (int) v);
        s.number(T + "msl", 1, INT, v -> c.timeWaitNs = 2 * v * MS);
        s.number(T + "finwait2_timeout", 1, INT, v -> c.finWait2Ns = v * MS);
        s.number(T + "rexmit_drop_options", 0, 1, v -> {});
    }

    private static void buffers(Sysctls s, TcpConfig c) {
        s.number(T + "sendspace", 1, 1 << 30, v -> c.initialSendBuffer = (int) v);
        s.number(T + "recvspace", 1, 1 << 30, v -> c.initialReceiveBuffer = (int) v);
        s.number(T + "sendbuf_max", 1, 1 << 30, v -> c.maxSendBuffer = (int) v);
        s.number(T + "recvbuf_auto", 0, 1, v -> c.receiveAutotuning = v != 0);
        // The window scale is made for sb_max, not for recvbuf_max.
        s.number("kern.ipc.maxsockbuf", 1, 1 << 30, v -> c.maxReceiveBuffer = (int) v);
    }

    private static void fixed(Sysctls s) {
        s.fixed(T + "do_prr", v -> v == 1, "recovery is proportional (RFC 9937)");
        s.fixed(T + "do_prr_conservative", v -> v == 0, "recovery is RFC 9937's");
        s.fixed(T + "rfc3042", v -> v == 1, "limited transmit is always on");
        s.fixed(T + "rfc3390", v -> v == 1, "the initial window is RFC 6928's");
        s.fixed(T + "drop_synfin", v -> v == 1, "SYN-FIN is dropped");
        s.fixed(T + "blackhole", v -> v == 0, "closed ports answer");
        s.fixed(T + "icmp_may_rst", v -> v == 1, "ICMP ends connections that are not established");
        s.fixed(T + "path_mtu_discovery", v -> v == 1, "the path's MTU is always discovered");
        s.fixed(T + "pmtud_blackhole_detection", v -> v == 0, "black holes are looked for otherwise");
        s.fixed(T + "insecure_rst", v -> v == 0, "resets are RFC 5961's");
        s.fixed(T + "insecure_syn", v -> v == 0, "SYNs are RFC 5961's");
        s.fixed(T + "insecure_ack", v -> v == 0, "acknowledgments are RFC 5961's");
        s.fixed(T + "fast_finwait2_recycle", v -> v == 0, "FIN-WAIT-2 lasts as long as it does");
        s.fixed(T + "tolerate_missing_ts", v -> v == 0 || v == 1, "");
        s.fixed(T + "mssdflt", v -> v == 536, "the default MSS is RFC 9293's");
        s.fixed(T + "v6mssdflt", v -> v == 1_220 || v == 1_024, "the default MSS is RFC 9293's");
        s.fixed(T + "fastopen.server_enable", v -> v == 0, "TCP Fast Open is not supported");
        s.fixed(T + "fastopen.client_enable", v -> v == 0 || v == 1, "TCP Fast Open is not supported");
        s.missing("not supported", T + "udp_tunneling_port");
    }

    private static void harmless(Sysctls s) {
        for (String prefix : new String[] {
            "hostcache.",
            "log_",
            "reass.",
            "per_cpu_timers",
            "isn_reseed_interval",
            "tcbhashsize",
            "bb.",
            "rack.",
            "bbr.",
            "functions_",
            "cc.",
            "nolocaltimewait",
            "ts_offset_per_conn",
            "tso",
            "soreceive_stream",
            "do_tcpdrain",
            "maxtcptw",
            "minmss",
            "sendbuf_",
            "recvbuf_",
            "ack_war_",
            "sack.",
            "ecn.",
            "newreno_",
            "abc_l_var",
            "rfc3465",
            "rfc6675_pipe",
            "keepinit",
            "persmin",
            "persmax",
            "maxunacktime",
            "maxpersistidle",
            "pcap_",
            "require_unique_port",
            "map_limit",
            "split_limit",
            "lro.",
            "syncache.",
            "fastopen.",
            "icmp_"
        }) {
            s.harmlessFamily("about memory, logs, other stacks, or as it is here", T + prefix);
        }
        for (String prefix : new String[] {
            "kern.",
            "net.inet.ip.",
            "net.inet6.",
            "net.inet.icmp.",
            "net.inet.udp.",
            "net.link.",
            "security.",
            "hw.",
            "vm.",
            "debug."
        }) {
            s.harmlessFamily("about other parts of a machine", prefix);
        }
    }
}
