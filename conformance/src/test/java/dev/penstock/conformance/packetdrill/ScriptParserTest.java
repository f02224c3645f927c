package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.conformance.packetdrill.script.Code;
import dev.penstock.conformance.packetdrill.script.Command;
import dev.penstock.conformance.packetdrill.script.Event;
import dev.penstock.conformance.packetdrill.script.EventTime;
import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.conformance.packetdrill.script.PacketEvent;
import dev.penstock.conformance.packetdrill.script.PacketSpec.Fragment;
import dev.penstock.conformance.packetdrill.script.PacketSpec.IpSpec;
import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.conformance.packetdrill.script.Step;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Icmp;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Ports;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Raw;
import dev.penstock.conformance.packetdrill.script.TransportSpec.SeqBase;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Tcp;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Udp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every notation of the language, read into its tree. */
class ScriptParserTest {
    private static Script parse(String text) throws Exception {
        return ScriptParser.parse("test", text, Profile.LINUX);
    }

    private static Step only(String text) throws Exception {
        Script script = parse(text);
        assertEquals(1, script.steps().size(), text);
        return script.steps().get(0);
    }

    private static Event event(String text) throws Exception {
        return only(text).event();
    }

    private static Tcp tcp(String packet) throws Exception {
        return (Tcp) ((PacketEvent) event("0 " + packet)).packet().transport();
    }

    private static IpSpec ip(String packet) throws Exception {
        return ((PacketEvent) event("0 " + packet)).packet().ip();
    }

    private static Icmp icmp(String packet) throws Exception {
        return (Icmp) ((PacketEvent) event("0 " + packet)).packet().transport();
    }

    private static SystemCall call(String call) throws Exception {
        return (SystemCall) event("0 " + call);
    }

    private static Expression argument(String argument) throws Exception {
        return call("f(" + argument + ") = 0").arguments().get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "0, ABSOLUTE, 0, 0",
        ".1, ABSOLUTE, 100000000, 100000000",
        "1.000001, ABSOLUTE, 1000001000, 1000001000",
        "1.5~1.6, ABSOLUTE, 1500000000, 1600000000",
        "+0, RELATIVE, 0, 0",
        "+.25, RELATIVE, 250000000, 250000000",
        "+1~+1.2, RELATIVE, 1000000000, 1200000000",
        "*, ANY, 0, 0"
    })
    void times(String time, EventTime.Kind kind, long from, long to) throws Exception {
        assertEquals(
                new EventTime(kind, from, to), only(time + " > . 1:1(0) ack 1").time());
    }

    @Test
    void optionLinesStandAtTheHead() throws Exception {
        Script script = parse(
                """
                // A comment before everything.
                --tolerance_usecs=10000
                --ip_version=ipv4_mapped_ipv6 --verbose
                --local_ip=fd3d:fa7b:d17d::36 // why
                --define=PORT=8080
                0 bind(3, PORT) = 0
                """);
        assertEquals(
                List.of(
                        new Script.Option("tolerance_usecs", "10000", 2),
                        new Script.Option("ip_version", "ipv4_mapped_ipv6", 3),
                        new Script.Option("verbose", null, 3),
                        new Script.Option("local_ip", "fd3d:fa7b:d17d::36", 4),
                        new Script.Option("define", "PORT=8080", 5)),
                script.options());
        SystemCall bind = (SystemCall) script.steps().get(0).event();
        assertEquals(new Expression.Int(8080), bind.arguments().get(1));
        assertEquals(6, script.steps().get(0).line());
    }

    @Test
    void commandsStandAtTheHeadAtATimeAndAtTheEnd() throws Exception {
        Script script = parse("`../common/defaults.sh\nsysctl -q net.ipv4.tcp_ecn=1`\n0.5 `ls`\n`cleanup`\n");
        assertEquals(
                List.of("../common/defaults.sh\nsysctl -q net.ipv4.tcp_ecn=1", "ls", "cleanup"),
                script.steps().stream().map(s -> ((Command) s.event()).text()).toList());
        assertEquals(
                new EventTime(EventTime.Kind.ABSOLUTE, 0, 0),
                script.steps().get(0).time());
        assertEquals(500_000_000, script.steps().get(1).time().fromNs());
        assertEquals(
                new EventTime(EventTime.Kind.RELATIVE, 0, 0),
                script.steps().get(2).time());
        assertEquals(List.of(1, 3, 4), script.steps().stream().map(Step::line).toList());
    }

    @Test
    void commentsAndLineEndsPartWords() throws Exception {
        Script script = parse(
                "# first\n/* 0 < nothing\n */ 0 read(3, ..., \\\n  /* so many */ 1000) = 0 // done\n  # last\r\n+0\n<\nF. 1:1(0) ack 1");
        assertEquals(2, script.steps().size());
        assertEquals(3, script.steps().get(0).line());
        assertEquals(6, script.steps().get(1).line());
        assertEquals(
                "0 read(3, ..., \\\n  /* so many */ 1000) = 0",
                script.steps().get(0).text());
    }

    @Test
    void systemsAreTheProfilesOwn() throws Exception {
        String text =
                "#ifdef FreeBSD\n0 f() = 1\n#else\n0 f() = 2\n#endif\n#ifdef linux\n0 g() = 3\n#endif\n0 h() = 4\n";
        assertEquals(
                List.of("f2", "g3", "h4"),
                ScriptParser.parse("x", text, Profile.LINUX).steps().stream()
                        .map(ScriptParserTest::brief)
                        .toList());
        assertEquals(
                List.of("f1", "h4"),
                ScriptParser.parse("x", text, Profile.BSD).steps().stream()
                        .map(ScriptParserTest::brief)
                        .toList());
    }

    private static String brief(Step step) {
        SystemCall call = (SystemCall) step.event();
        return call.name() + ((Expression.Int) call.result()).value();
    }

    @ParameterizedTest
    @CsvSource({"S, S,", "S., S.,", "FP., FP.,", "., .,", "-, -,", "SEWA, SEWA,", "P.5, P., 5", ".0, ., 0"})
    void flags(String written, String flags, Integer ace) throws Exception {
        Tcp tcp = tcp("> " + written + " 1:11(10) ack 1");
        assertEquals(flags, tcp.flags());
        assertEquals(ace, tcp.aceField());
    }

    @Test
    void aSegmentWithEverything() throws Exception {
        Tcp tcp = tcp("< 50000 > 80 PU. 4294967291:4(9) ack 7 win 65535 urg 3 <nop>");
        assertEquals(new Ports(50_000, 80), tcp.ports());
        assertEquals(SeqBase.RELATIVE, tcp.seqBase());
        assertEquals(4_294_967_291L, tcp.seq());
        assertEquals(4, tcp.seqEnd());
        assertEquals(9, tcp.length());
        assertEquals(7, tcp.ack());
        assertEquals(65_535, tcp.window());
        assertEquals(3, tcp.urgent());
        assertEquals(List.of(new TcpOptionSpec.Nop()), tcp.options());
    }

    @Test
    void whatIsNotWrittenIsNull() throws Exception {
        Tcp tcp = tcp("> R 1:1(0)");
        assertEquals(Ports.UNSAID, tcp.ports());
        assertNull(tcp.ack());
        assertNull(tcp.window());
        assertNull(tcp.urgent());
        assertEquals(List.of(), tcp.options());
        assertEquals(IpSpec.UNSAID, ip("> R 1:1(0)"));
    }

    @Test
    void sequenceNumbersOfBsd() throws Exception {
        assertEquals(SeqBase.ABSOLUTE, tcp("< R 1000:1000(0)!").seqBase());
        assertEquals(SeqBase.ANY, tcp("> . ...(1000) ack 1").seqBase());
        assertEquals(1000, tcp("> . ...(1000) ack 1").length());
        assertEquals(SeqBase.ANY, tcp("> R. ack 1").seqBase());
    }

    @Test
    void tcpOptions() throws Exception {
        Tcp tcp = tcp("< S 0:0(0) win 32792 <mss 1460,nop,wscale 10,sackOK,TS val 100 ecr 0,eol>");
        assertEquals(
                List.of(
                        new TcpOptionSpec.Mss(1460),
                        new TcpOptionSpec.Nop(),
                        new TcpOptionSpec.WindowScale(10),
                        new TcpOptionSpec.SackPermitted(),
                        new TcpOptionSpec.Timestamps(100L, 0L, false),
                        new TcpOptionSpec.Eol()),
                tcp.options());
        assertEquals(
                List.of(new TcpOptionSpec.Sack(List.of(1001L, 2001L, 3001L, 4001L))),
                tcp("> . 1:1(0) ack 1 <sack 1001:2001 3001:4001>").options());
        assertEquals(
                List.of(new TcpOptionSpec.Timestamps(null, 7L, true)),
                tcp("> . 1:1(0) ack 1 <TS val ... ecr 7!>").options());
        assertEquals(
                List.of(new TcpOptionSpec.Timestamps(5L, 7L, true)),
                tcp("< . 1:1(0) ack 1 <TS val 5! ecr 7!>").options());
        assertEquals(
                List.of(new TcpOptionSpec.FastOpen("", false), new TcpOptionSpec.FastOpen("12345678abcd", true)),
                tcp("> S 0:0(0) <FO,FOEXP 12345678ABCD>").options());
        assertEquals(
                List.of(
                        new TcpOptionSpec.Md5(null),
                        new TcpOptionSpec.Other("exp", 253, "f989"),
                        new TcpOptionSpec.Other("gen", 77, "00ff"),
                        new TcpOptionSpec.Other("ECN", 174, "000001000000")),
                tcp("> S 0:0(0) <md5,exp 253 f989,gen 77 0x00ff,ECN e1b 1 ceb 0>")
                        .options());
        assertNull(tcp("> . 1:1(0) ack 1 <...>").options());
        assertEquals(List.of(), tcp("> . 1:1(0) ack 1 < >").options());
    }

    @Test
    void ipHeaders() throws Exception {
        assertEquals(new IpSpec(0, false, null, null, null, null), ip("> [noecn] . 1:1(0)"));
        assertEquals(new IpSpec(1, false, null, null, null, null), ip("> [ect1] . 1:1(0)"));
        assertEquals(new IpSpec(2, false, null, null, null, null), ip("> (ect0) . 1:1(0)"));
        assertEquals(new IpSpec(3, false, null, null, null, null), ip("< [ce] . 1:1(0)"));
        assertEquals(new IpSpec(null, true, null, null, null, null), ip("> [ect01] . 1:1(0)"));
        assertEquals(
                new IpSpec(null, false, 0x12, null, 0xabcde, null), ip("> [tos 0x12, flowlabel 0xabcde] . 1:1(0)"));
        assertEquals(new IpSpec(null, false, null, 255, null, null), ip("< (ttl 255) . 1:1(0)"));
        assertEquals(
                new IpSpec(null, false, null, null, null, new Fragment(7, 1480, 8, true)),
                ip("< [frag 7:1480@8+] raw 6 (1480)"));
    }

    @Test
    void icmpOfBothDialects() throws Exception {
        Icmp linux = icmp("< icmp unreachable frag_needed mtu 1200 [1:1001(1000)]");
        assertEquals("unreachable", linux.type());
        assertEquals("frag_needed", linux.code());
        assertEquals(1200, linux.mtu());
        assertEquals(1000, ((Tcp) linux.quoted()).length());
        Icmp bsd = icmp("< [1:1001(1000)] icmp unreachable frag_needed mtu 1200");
        assertEquals(linux, bsd);
        Icmp six = icmp("< icmpv6 packet_too_big mtu 1280 [udp (10)]");
        assertEquals(6, six.version());
        assertNull(six.code());
        assertEquals(new Udp(Ports.UNSAID, 10), six.quoted());
        assertEquals(new Raw(255, 9), icmp("< icmp time_exceeded [raw (9)]").quoted());
        assertEquals(9, icmp("< icmp echo_request id 9").echoId());
        assertEquals(
                2, parse("0 < icmp time_exceeded\n1 f() = 0").steps().size(), "a time on the next line is no code");
    }

    @Test
    void otherTransports() throws Exception {
        PacketEvent udp = (PacketEvent) event("0 > [tos 0x8] udp 53 > 1053 (100)");
        assertEquals(new Udp(new Ports(53, 1053), 100), udp.packet().transport());
        assertEquals(8, udp.packet().ip().tos());
        assertEquals(
                new Udp(Ports.UNSAID, 5),
                ((PacketEvent) event("0 < udp(5)")).packet().transport());
    }

    @Test
    void systemCalls() throws Exception {
        SystemCall call = call("connect(3, ..., ...) = -1 EINPROGRESS (Can't be done yet, says: it)");
        assertEquals("connect", call.name());
        assertEquals(new Expression.Int(-1), call.result());
        assertEquals("EINPROGRESS", call.errno());
        assertNull(call.end());
        assertEquals(new Expression.Any(), call("read(3, ..., 1) = ...").result());
        assertEquals(
                2,
                parse("0 f() = 0 +0 f() = 3 * > . 1:1(0)".replace(" * > . 1:1(0)", ""))
                        .steps()
                        .size());
        assertEquals(
                2,
                parse("0 fcntl(3, F_GETFL) = O_RDWR|O_NONBLOCK\n* > . 1:1(0)")
                        .steps()
                        .size());
    }

    @Test
    void callsThatBlock() throws Exception {
        Step step = only("+0.1...0.3 accept(3, ..., ...) = 4");
        assertEquals(new EventTime(EventTime.Kind.RELATIVE, 100_000_000, 100_000_000), step.time());
        assertEquals(
                new EventTime(EventTime.Kind.RELATIVE, 300_000_000, 300_000_000), ((SystemCall) step.event()).end());
        assertEquals(
                new EventTime(EventTime.Kind.ABSOLUTE, 200_000_000, 200_000_000),
                ((SystemCall) event("0...0.2 read(3, ..., 1) = 1")).end());
    }

    @Test
    void expressions() throws Exception {
        assertEquals(new Expression.Int(-1), argument("0xffffffffffffffff"));
        assertEquals(new Expression.Int('a'), argument("'a'"));
        assertEquals(new Expression.Int(10), argument("010"), "as the language has it: no octal");
        assertEquals(new Expression.Text("a\n\u0001\"b\u00ff"), argument("\"a\\n\\x01\\\"\" \"b\\377\"..."));
        assertEquals(new Expression.Array(List.of()), argument("[]"));
        assertEquals("O_RDWR | O_NONBLOCK", ScriptPrinter.expression(argument("O_RDWR|O_NONBLOCK")));
        assertEquals("1 | ((2 + (3 * 4)) << 5)", ScriptPrinter.expression(argument("1|2+3*4<<5")));
        assertEquals("(1 - 2) - 3", ScriptPrinter.expression(argument("1-2-3")));
        assertEquals("A = 1 | 2", ScriptPrinter.expression(argument("A=1|2")));
    }

    @Test
    void structs() throws Exception {
        Expression.Struct address = (Expression.Struct)
                argument("{sa_family = AF_INET, sin_port = htons(8080), sin_addr = inet_addr(\"192.168.0.1\")}");
        assertEquals(new Expression.Name("AF_INET"), address.get("sa_family"));
        assertEquals(new Expression.Function("htons", List.of(new Expression.Int(8080))), address.get("sin_port"));
        Expression.Struct message = (Expression.Struct)
                argument("{msg_name(...)=..., msg_iov(2)=[{..., 10}, {..., 20}], msg_flags=MSG_A|MSG_B}");
        Expression.Member vector = message.members().get(1);
        assertEquals("msg_iov", vector.name());
        assertEquals(new Expression.Int(2), vector.count());
        Expression.Struct second = (Expression.Struct)
                ((Expression.Array) vector.value()).elements().get(1);
        assertEquals(
                new Expression.Member(null, null, new Expression.Int(20)),
                second.members().get(1));
        Expression.Struct inet = (Expression.Struct) argument("{htons(80), 1 | 2}");
        assertEquals("{htons(80), 1 | 2}", ScriptPrinter.expression(inet));
    }

    @Test
    void codeBlocks() throws Exception {
        Code code = (Code) event("+0 %{ assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd\nassert {1}  }%");
        assertEquals(" assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd\nassert {1}  ", code.text());
    }
}
