package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.tcp.SynCookiePolicy;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpEcn;
import org.junit.jupiter.api.Test;

/** What shell commands in scripts are taken for. */
class ShellCommandsTest {
    private final TcpConfig config = new TcpConfig();
    private final ShellCommands linux = new ShellCommands(new StackKnobs(config, new LinuxMemory(), Profile.LINUX));
    private final ShellCommands bsd = new ShellCommands(new StackKnobs(config, new LinuxMemory(), Profile.BSD));

    private String skipped(ShellCommands shell, String text) {
        return assertThrows(SkipException.class, () -> shell.run(text, 7), text).getMessage();
    }

    @Test
    void allNotationsOfASettingAreOne() throws Exception {
        String[] notations = {
            "sysctl -q net.ipv4.tcp_syn_retries=",
            "sysctl -w net.ipv4.tcp_syn_retries=",
            "sysctl -q -w net/ipv4/tcp_syn_retries=",
            "sudo sysctl -w net.ipv4.tcp_sack=1 net.ipv4.tcp_syn_retries=",
            "../../common/defaults.sh\n../common/set_sysctls.py /proc/sys/net/ipv4/tcp_syn_retries=",
            "../common/set_sysctls.py \\\n /proc/sys/net/ipv4/tcp_syn_retries=",
            "echo x > /dev/null; sysctl -q net.ipv4.tcp_syn_retries = ",
            "bash -c 'sysctl -w net.ipv4.tcp_syn_retries=3' && sysctl -w net.ipv4.tcp_syn_retries=",
        };
        for (int i = 0; i < notations.length; i++) {
            linux.run(notations[i] + (i + 5), 1);
            assertEquals(i + 5, config.synRetries, notations[i]);
        }
        linux.run("echo 4 > /proc/sys/net/ipv4/tcp_syn_retries", 1);
        assertEquals(4, config.synRetries);
        linux.run("sysctl -q \"net.ipv4.tcp_syn_retries=2\" > /dev/null 2>&1", 1);
        assertEquals(2, config.synRetries);
        linux.run("sysctl -n net.ipv4.tcp_syn_retries", 1);
        assertEquals(2, config.synRetries, "a question changes nothing");
    }

    @Test
    void settingsOfLinuxAreMapped() throws Exception {
        linux.run("sysctl -w net.ipv4.tcp_sack=0 net.ipv4.tcp_timestamps=0 net.ipv4.tcp_window_scaling=0", 1);
        assertFalse(config.sack || config.timestamps || config.windowScaling);
        linux.run("sysctl -w net.ipv4.tcp_ecn=1 net.ipv4.tcp_dsack=0 net.ipv4.tcp_early_retrans=0", 1);
        assertEquals(TcpEcn.ON, config.ecn);
        assertFalse(config.dsack || config.tailLossProbe);
        linux.run("sysctl -w net.ipv4.tcp_congestion_control=reno net.ipv4.tcp_syncookies=2", 1);
        assertEquals("reno", config.defaults.congestion);
        assertEquals(SynCookiePolicy.ALWAYS, config.synCookies);
        linux.run("sysctl -w net.ipv4.tcp_rmem=\"4096 540000 15728640\" net.ipv4.tcp_wmem='4096 16384 4194304'", 1);
        assertEquals(270_000, config.initialReceiveBuffer);
        assertEquals(15_728_640, config.maxReceiveBuffer);
        linux.run("sysctl -w net.ipv4.tcp_adv_win_scale=2", 1);
        assertEquals(405_000, config.initialReceiveBuffer);
        linux.run("sysctl -w net.ipv4.tcp_keepalive_time=30 net.ipv4.tcp_fin_timeout=3", 1);
        assertEquals(30_000_000_000L, config.defaults.keepIdleNs);
        assertEquals(3_000_000_000L, config.finWait2Ns);
        linux.run("sysctl -w net.ipv4.tcp_notsent_lowat=4294967295", 1);
        assertEquals(0, config.defaults.notSentLowat);
    }

    @Test
    void settingsOfFreeBsdAreMapped() throws Exception {
        bsd.run("sysctl -w net.inet.tcp.rfc1323=2 net.inet.tcp.sack.enable=0 net.inet.tcp.cc.algorithm=newreno", 1);
        assertTrue(config.windowScaling && !config.timestamps && !config.sack);
        assertEquals("reno", config.defaults.congestion);
        bsd.run("sysctl kern.ipc.maxsockbuf=300000 net.inet.tcp.recvspace=10000 net.inet.tcp.msl=1000", 1);
        assertEquals(300_000, config.maxReceiveBuffer);
        assertEquals(10_000, config.initialReceiveBuffer);
        assertEquals(2_000_000_000L, config.timeWaitNs);
        bsd.run(
                "sysctl -q net.inet.tcp.hostcache.purgenow=1; kldload -n tcp_rack; sysctl net.inet.tcp.functions_default=freebsd",
                1);
        assertTrue(skipped(bsd, "sysctl net.inet.tcp.functions_default=rack").contains("'rack'"));
        assertTrue(skipped(bsd, "sysctl net.ipv4.tcp_sack=1").contains("net.ipv4.tcp_sack"));
    }

    @Test
    void whatCannotBeHadIsSaid() {
        assertTrue(
                skipped(linux, "sysctl -w net.ipv4.tcp_congestion_control=bbr").contains("'bbr'"));
        assertTrue(skipped(linux, "sysctl -w net.ipv4.tcp_unheard_of=1").contains("tcp_unheard_of"));
        assertTrue(skipped(linux, "sysctl -w net.ipv4.tcp_ecn=3").contains("0 .. 2"));
        assertTrue(skipped(linux, "ip route change 192.0.2.0/24 via 192.168.0.2 dev tun0 advmss 1000")
                .contains("advmss"));
        assertTrue(skipped(linux, "iptables -A INPUT -j DROP").contains("iptables"));
        assertTrue(skipped(linux, "ss -nt | grep -q ESTAB").contains("never executed"));
        assertTrue(skipped(linux, "tc qdisc replace dev tun0 root fq").contains("tc"));
        assertTrue(skipped(linux, "sysctl -w net.ipv4.tcp_rto_max_ms=$(cat /tmp/x)")
                .contains("never executed"));
        assertThrows(ScriptException.class, () -> linux.run("sysctl -w net.ipv4.tcp_sack=yes", 1));
        assertThrows(ScriptException.class, () -> linux.run("sysctl -w net.ipv4.tcp_rmem=5", 1));
    }

    @Test
    void whatConcernsNobodyIsPassedOver() throws Exception {
        linux.run("ip tcp_metrics flush all > /dev/null 2>&1", 1);
        linux.run("tc qdisc add dev tun0 root pfifo", 1);
        linux.run("sysctl -q net.core.somaxconn=100 net.ipv4.conf.all.rp_filter=0", 1);
        linux.run("# a remark\nsleep 1\ntrue", 1);
        linux.run("ip route show; ip addr show dev tun0; ethtool -K tun0 tso off gso off", 1);
        linux.run("/tmp/sysctl_restore_${PPID}.sh", 1);
        linux.run("", 1);
    }

    @Test
    void routesTellTcp() throws Exception {
        linux.run("ip route change 192.0.2.0/24 via 192.168.0.2 dev tun0 quickack 1 features ecn congctl reno", 1);
        assertFalse(config.defaults.delayedAck);
        assertEquals(TcpEcn.ON, config.ecn);
        assertEquals("reno", config.defaults.congestion);
    }
}
