package dev.penstock.conformance.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Action lists that once failed, or that reach what seeds reach seldom. */
class FoundByPropertiesTest {

    private static Run holds(String text) {
        Run run = Run.twice(Scenario.parse(text));
        assertEquals(List.of(), run.violations());
        return run;
    }

    private static void reaches(Run run, String what) {
        assertTrue(
                run.coverage().counts().containsKey(what),
                () -> what + " was not reached: " + run.coverage().counts());
    }

    /** A FIN alone, ahead of the data before it, was reported by one acknowledgment and not by the next. */
    @Test
    void aFinAheadOfItsDataIsReportedUntilTheDataHasCome() {
        Run run = holds(
                """
                seed 54 gentle
                make_host host=0 mtu=1_000
                delay host=0 way=both ns=25_000
                listen host=0
                connect slot=1 host=1 peer=0
                step ns=1_000_000
                write end=a1 bytes=11_000
                step ns=63_000
                """);
        reaches(run, "SACK block received");
    }

    /** With the smallest window, what the peer has sent before it heard of our FIN acknowledges too little (RFC 5961, 5). */
    @Test
    void aWindowOfOneByteAndAFinTakeTwoRoundTrips() {
        holds(
                """
                seed 36
                make_host host=0 sack=no timestamps=no
                delay host=0 way=both ns=360
                listen host=0 port=8
                connect slot=2 host=1 peer=0 port=8 rcvbuf=1
                step ns=1_000_000
                urgent end=c2
                step ns=330
                write end=a2
                """);
    }

    @Test
    void bothOpenAtTheSameTime() {
        Run run = holds(
                """
                seed 138 gentle
                delay host=0 way=both ns=500_000
                connect slot=0 port=6_025 local=6_010
                connect slot=1 host=1 peer=0 port=6_010 local=6_025
                step ns=1_000_000
                """);
        reaches(run, "state SYN_SENT -> SYN_RECEIVED");
    }

    @Test
    void aPortIsUsedAgainWhileItsLastConnectionIsInTimeWait() {
        Run run = holds(
                """
                seed 1
                listen host=1
                connect slot=0 local=5_000
                step ns=10_000_000
                write end=c0 bytes=1_000
                step ns=10_000_000
                close end=a0
                step ns=10_000_000
                close end=c0
                step ns=10_000_000
                connect slot=0 local=5_000
                step ns=10_000_000
                write end=c0 bytes=1_000
                """);
        reaches(run, "counter TCP_TIME_WAIT_RECYCLED");
    }

    /** The first of three requests is lost: the second, a second later, is enough (RFC 1122, section 2.3.2.1). */
    @Test
    void oneLostArpRequestDoesNotFailAConnection() {
        holds(
                """
                seed 1 gentle
                listen host=1
                partition host=0 way=out
                connect slot=0
                step ns=900_000_000
                heal
                step ns=1_000_000_000
                write end=c0 bytes=1_000
                """);
    }

    /** The reset was lost, and the other end waits for a FIN that never comes: only its own timer can end that. */
    @Test
    void whoIsLeftInFinWait2AndClosesIsGoneAfterAMinute() {
        Run run = holds(
                """
                seed 1
                listen host=1
                connect slot=0
                step ns=1_000_000
                shutdown_output end=c0
                step ns=1_000_000
                partition host=1 way=out
                abort end=a0
                step ns=1_000_000
                """);
        reaches(run, "state FIN_WAIT_2 -> CLOSED");
    }

    /** Probes of an idle connection, answered and then not. */
    @Test
    void keepalivesFindOutThatThePeerIsGone() {
        Run run = holds(
                """
                seed 1
                listen host=1
                connect slot=0
                step ns=1_000_000
                set_option end=c0 option=SO_KEEPALIVE value=1
                set_option end=c0 option=TCP_KEEPIDLE value=1
                set_option end=c0 option=TCP_KEEPINTVL value=1
                set_option end=c0 option=TCP_KEEPCNT value=3
                step ns=10_000_000_000
                partition host=1 way=both
                step ns=20_000_000_000
                """);
        reaches(run, "counter TCP_KEEPALIVE_PROBES");
        reaches(run, "ended with TIMED_OUT");
    }

    /** TCP_CORK kept the persist timer from starting: what was told of an open window, or a reset, must not be lost then. */
    @Test
    void aCorkDoesNotStopTheProbesOfAClosedWindow() {
        holds(
                """
                seed 30465
                listen host=0 port=8 rcvbuf=1_700
                connect slot=0 host=1 peer=0 port=8
                auto_read end=c0 on=no
                step ns=10_000_000
                auto_read end=a0 on=no
                set_option end=c0 option=TCP_CORK value=1
                write end=c0 bytes=3_000
                step ns=1_000_000_000
                partition host=0 way=out
                close end=a0
                step ns=10_000_000
                """);
    }

    /** A connection that is over at once ended the run while the datagram was still on its way. */
    @Test
    void aDatagramAtTheLastMomentIsNotLost() {
        Run run = holds(
                """
                seed 9945
                connect slot=0
                datagram host=1
                step ns=1_000_000
                datagram host=0
                """);
        assertEquals(2, run.coverage().counts().get("datagrams received"));
    }

    /** A unit of the window's scale is more than the whole buffer: rounded down, the window never opened again. */
    @Test
    void aBufferOfOneByteIsSetWhenTheWindowsScaleIsAlreadyAgreed() {
        Run run = holds(
                """
                seed 8588 gentle
                make_host host=0 timestamps=no
                delay host=0 ns=1_200_000
                delay host=1 jitter_ns=4
                connect slot=0 host=1 peer=0 port=6_015 local=6_000
                connect slot=1 port=6_000 local=6_015
                step ns=990_000
                write end=c0 bytes=2
                write end=c1
                set_option end=c1 option=SO_RCVBUF value=1
                """);
        reaches(run, "zero window received");
    }

    /** A tick of the clock of RFC 6528 later, the number after the SYN's is a new one. */
    @Test
    void anInitialNumberMayFollowTheLastConnectionsSyn() {
        Run run = holds(
                """
                seed 656
                connect slot=0 host=1
                connect slot=0 local=5_000
                step ns=920
                step ns=3_130
                connect slot=0 local=5_000
                """);
        reaches(run, "ended with CONNECTION_REFUSED");
    }

    /** Connections and datagrams over IPv6, and a path that takes less and says so. */
    @Test
    void anIpv6PathThatTakesLessIsFoundOut() {
        Run run = holds(
                """
                seed 7 gentle
                make_host host=0 ipv6=yes
                make_host host=1 ipv6=yes dad=yes
                step ns=3_000_000_000
                path_mtu host=0 mtu=1_300 icmp=yes
                listen host=1 family=any
                connect slot=0 family=6
                connect slot=1
                step ns=1_000_000
                write end=c0 bytes=20_000
                write end=c1 bytes=20_000
                datagram bytes=9_000 family=6
                step ns=1_000_000_000
                """);
        reaches(run, "path too big");
        reaches(run, "connections over IPv6");
        reaches(run, "connections over IPv4");
        reaches(run, "streams whole");
    }

    /** MTU probing made the MSS more than a piece of the pacer's, which knew the MSS of before: nothing could go any more. */
    @Test
    void aPieceOfThePacersHoldsASegmentThatHasGrown() {
        holds(
                """
                seed 7563 gentle
                make_host host=0 mtu=9_000 mtu_probing=ALWAYS ipv6=yes
                make_host host=1 mtu=9_000 ipv6=yes
                step ns=3_000_000_000
                listen host=1 family=6
                connect slot=0 congestion=reno family=6
                write end=c0 bytes=45_006
                set_option end=c0 option=SO_MAX_PACING_RATE value=51_986
                set_option end=c0 option=TCP_CORK value=1
                """);
    }
}
