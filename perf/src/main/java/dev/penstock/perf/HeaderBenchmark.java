package dev.penstock.perf;

import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.TcpHeader;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The checks of the headers of one TCP segment of 64 bytes, and what the layers read from them; the header checksum of IPv4 is one. */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HeaderBenchmark {
    private static final String ETHERNET = "020000000001" + "020000000002";
    private static final String TCP = "c35000070000000100000002" + "8018ffff000000000101080a0000000100000002";
    private static final String V4 =
            ETHERNET + "0800" + "450000740000400040060000c0000201c0000202" + TCP + "00".repeat(64);
    private static final String V6 = ETHERNET + "86dd" + "6000000000600640" + "20010db8000000000000000000000001"
            + "20010db8000000000000000000000002" + TCP + "00".repeat(64);

    /** Of the packet. */
    @Param({"4", "6"})
    public int family;

    private final UnsafeBuffer v4 = packet(V4);
    private final UnsafeBuffer v6 = packet(V6);

    private static UnsafeBuffer packet(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length));
        buffer.putBytes(0, bytes);
        if (bytes[12] == 8) {
            Ipv4Header.putChecksum(buffer, EthernetHeader.LENGTH, 20);
        }
        return buffer;
    }

    /** Answers 0 if one of them is wrong, which none is. */
    @Benchmark
    public long checkAndRead() {
        UnsafeBuffer b = family == 4 ? v4 : v6;
        int at = EthernetHeader.LENGTH;
        if (EthernetHeader.check(b.capacity()) != null) {
            return 0;
        }
        long sum = EthernetHeader.destination(b, 0) + EthernetHeader.type(b, 0);
        if (family == 4) {
            if (Ipv4Header.check(b, at, b.capacity() - at) != null) {
                return 0;
            }
            sum += Ipv4Header.source(b, at) + Ipv4Header.destination(b, at) + Ipv4Header.protocol(b, at);
            at += Ipv4Header.headerLength(b, at);
        } else {
            if (Ipv6Header.check(b, at, b.capacity() - at) != null) {
                return 0;
            }
            sum += Ipv6Header.sourceLo(b, at) + Ipv6Header.destinationLo(b, at) + Ipv6Header.nextHeader(b, at);
            at += 40;
        }
        if (TcpHeader.check(b, at, b.capacity() - at) != null) {
            return 0;
        }
        return sum + TcpHeader.sourcePort(b, at) + TcpHeader.sequence(b, at) + TcpHeader.acknowledgment(b, at);
    }
}
