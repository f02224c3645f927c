package dev.penstock.apps.iperf;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.penstock.stack.tcp.TcpOptions;

/**
 * What a test is to be, under the names that iperf3's options have in its JSON. Plain values with iperf3's own defaults;
 * {@link #check} has the ranges. A test ends after {@link #seconds} unless {@link #bytes} or {@link #blocks} say otherwise.
 */
public final class IperfSettings implements Cloneable {
    /** The most streams in one direction. */
    public static final int MAX_STREAMS = 128;
    /** The most bytes of one write or one datagram's data. */
    public static final int MAX_LENGTH = 1 << 20;
    /** The most seconds. */
    public static final int MAX_SECONDS = 86_400;

    static final int DEFAULT_TCP_LENGTH = 128 << 10;
    /** What fits a datagram on Ethernet. */
    static final int DEFAULT_UDP_LENGTH = 1448;

    static final long DEFAULT_UDP_RATE = 1 << 20;
    private static final int MAX_UDP_LENGTH = 65_507;
    private static final int LEAST_UDP_LENGTH = 16;

    /** Datagrams instead of a byte stream. */
    public boolean udp;
    /** How long, 0 .. 86,400; without a limit by bytes or blocks, 0 is refused. */
    public int seconds = 10;
    /** Seconds at the beginning that do not count, 0 .. 60. */
    public int omitSeconds;
    /** The test ends after so many bytes; 0 for no such limit. */
    public long bytes;
    /** The test ends after so many writes of {@link #length}; 0 for no such limit. */
    public long blocks;
    /** Streams in each direction, 1 .. 128. */
    public int parallel = 1;
    /** The server sends. */
    public boolean reverse;
    /** Both send. */
    public boolean bidirectional;
    /** Bytes of one write or datagram; 0: 128 KiB, or 1448 of a datagram. */
    public int length;
    /** Bits a second of each stream; 0: as fast as it goes; -1: that with TCP, and 1 Mbit/s with UDP. */
    public long rate = -1;
    /** Socket buffers, bytes; 0: the stack's own, which grow. */
    public int window;
    /** TCP's largest segment; 0: the path's. */
    public int mss;
    /** No Nagle. */
    public boolean noDelay;
    /** TCP's congestion control, or null. */
    public String congestion;
    /** DSCP and ECN, 0 .. 255. */
    public int tos;
    /** UDP headers have 64-bit counters. */
    public boolean wideCounters = true;

    @Override
    public IperfSettings clone() {
        try {
            return (IperfSettings) super.clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Throws unless all values are in range.
     *
     * @throws IllegalArgumentException names the value and the range
     */
    public void check() {
        range("streams", parallel, 1, MAX_STREAMS);
        range("seconds", seconds, 0, MAX_SECONDS);
        range("omitted seconds", omitSeconds, 0, 60);
        range("bytes of a write", length, 0, udp ? MAX_UDP_LENGTH : MAX_LENGTH);
        if (udp && length != 0) {
            range("bytes of a datagram", length, LEAST_UDP_LENGTH, MAX_UDP_LENGTH);
        }
        range("bytes", bytes, 0, Long.MAX_VALUE);
        range("blocks", blocks, 0, Long.MAX_VALUE);
        range("bits a second", rate, -1, 1_000_000_000_000L);
        range("window", window, 0, 1 << 30);
        range("MSS", mss, 0, 65_495);
        range("type of service", tos, 0, 255);
        if (seconds == 0 && bytes == 0 && blocks == 0) {
            throw new IllegalArgumentException("a test needs an end: seconds, bytes or blocks");
        }
        if (reverse && bidirectional) {
            throw new IllegalArgumentException("a test is either reverse or in both directions: choose one");
        }
        if (!udp) {
            tcpOptions().check();
        }
    }

    private static void range(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " is not in " + least + " .. " + most);
        }
    }

    /** Bytes of one write or datagram, the default filled in. */
    int effectiveLength() {
        return length != 0 ? length : udp ? DEFAULT_UDP_LENGTH : DEFAULT_TCP_LENGTH;
    }

    /** Bits a second of a stream, the default filled in; 0 without limit. */
    long effectiveRate() {
        return rate >= 0 ? rate : udp ? DEFAULT_UDP_RATE : 0;
    }

    /** True if the test ends by the clock. */
    boolean isTimed() {
        return bytes == 0 && blocks == 0;
    }

    TcpOptions tcpOptions() {
        TcpOptions options = new TcpOptions();
        options.noDelay = noDelay;
        options.tos = tos;
        options.maxSegment = mss;
        if (window > 0) {
            options.sendBuffer = window;
            options.receiveBuffer = window;
        }
        if (congestion != null) {
            options.congestion = congestion;
        }
        return options;
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty(udp ? "udp" : "tcp", true);
        json.addProperty("omit", omitSeconds);
        json.addProperty("time", isTimed() ? seconds : 0);
        json.addProperty("num", bytes);
        json.addProperty("blockcount", blocks);
        json.addProperty("parallel", parallel);
        if (reverse) {
            json.addProperty("reverse", true);
        }
        if (bidirectional) {
            json.addProperty("bidirectional", true);
        }
        json.addProperty("len", effectiveLength());
        if (effectiveRate() != 0) {
            json.addProperty("bandwidth", effectiveRate());
        }
        if (window != 0) {
            json.addProperty("window", window);
        }
        if (mss != 0) {
            json.addProperty("MSS", mss);
        }
        if (noDelay) {
            json.addProperty("nodelay", true);
        }
        if (congestion != null) {
            json.addProperty("congestion", congestion);
        }
        if (tos != 0) {
            json.addProperty("TOS", tos);
        }
        json.addProperty("pacing_timer", 1000);
        if (udp) {
            json.addProperty("udp_counters_64bit", 1);
        }
        json.addProperty("client_version", "3.12");
        return json;
    }

    /**
     * From what a client sent; whatever it does not say has iperf3's default.
     *
     * @throws IllegalArgumentException when a value is of another kind, or out of range
     */
    static IperfSettings fromJson(JsonObject json) {
        IperfSettings s = new IperfSettings();
        s.udp = flag(json, "udp");
        if (!s.udp && !flag(json, "tcp")) {
            throw new IllegalArgumentException("neither TCP nor UDP is asked for");
        }
        s.omitSeconds = integer(json, "omit");
        s.seconds = integer(json, "time");
        s.bytes = whole(json, "num");
        s.blocks = whole(json, "blockcount");
        s.parallel = json.has("parallel") ? integer(json, "parallel") : 1;
        s.reverse = flag(json, "reverse");
        s.bidirectional = flag(json, "bidirectional");
        s.length = integer(json, "len");
        s.rate = whole(json, "bandwidth");
        s.window = integer(json, "window");
        s.mss = integer(json, "MSS");
        s.noDelay = flag(json, "nodelay");
        s.tos = integer(json, "TOS");
        s.wideCounters = flag(json, "udp_counters_64bit");
        if (json.has("congestion")) {
            s.congestion = primitive(json, "congestion").getAsString();
        }
        s.check();
        return s;
    }

    private static JsonPrimitive primitive(JsonObject json, String name) {
        if (json.get(name) instanceof JsonPrimitive p) {
            return p;
        }
        throw new IllegalArgumentException("\"" + name + "\" is no single value");
    }

    /** True for {@code true} and for a number that is not 0: versions differ. */
    private static boolean flag(JsonObject json, String name) {
        if (!json.has(name)) {
            return false;
        }
        JsonPrimitive value = primitive(json, name);
        return value.isBoolean() ? value.getAsBoolean() : whole(json, name) != 0;
    }

    private static int integer(JsonObject json, String name) {
        return Math.toIntExact(Math.min(Integer.MAX_VALUE, Math.max(Integer.MIN_VALUE, whole(json, name))));
    }

    private static long whole(JsonObject json, String name) {
        if (!json.has(name)) {
            return 0;
        }
        JsonPrimitive value = primitive(json, name);
        if (!value.isNumber()) {
            throw new IllegalArgumentException("\"" + name + "\" is no number");
        }
        return (long) value.getAsDouble();
    }
}
