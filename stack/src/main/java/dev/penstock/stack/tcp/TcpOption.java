package dev.penstock.stack.tcp;

import dev.penstock.stack.ip.IpLayer;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.ToLongFunction;

/**
 * A socket option as a key with a type, under its usual name and in its usual unit: those of Linux's {@code setsockopt}
 * and of {@code java.net.StandardSocketOptions}. The values live in {@link TcpOptions}; this is the one place that knows
 * their ranges. Immutable; a key may be used on any thread, the options it reads and writes not.
 *
 * @param <T> {@link Boolean}, {@link Integer}, {@link Long} or {@link String}
 */
public final class TcpOption<T> {
    private static final long SECOND = 1_000_000_000L;
    private static final long MS = 1_000_000L;
    private static final int MAX_BUFFER = 1 << 30;

    /** Bytes that wait for acknowledgment at most, 1 .. 2^30; 0 for automatic. */
    public static final TcpOption<Integer> SO_SNDBUF =
            integer("SO_SNDBUF", 0, MAX_BUFFER, 1, "bytes", o -> o.sendBuffer, (o, v) -> o.sendBuffer = (int) v);
    /** The largest receive window, bytes, 1 .. 2^30; 0 for automatic. */
    public static final TcpOption<Integer> SO_RCVBUF =
            integer("SO_RCVBUF", 0, MAX_BUFFER, 1, "bytes", o -> o.receiveBuffer, (o, v) -> o.receiveBuffer = (int) v);
    /** Probes of an idle connection (RFC 9293, section 3.8.4). */
    public static final TcpOption<Boolean> SO_KEEPALIVE =
            flag("SO_KEEPALIVE", o -> o.keepAlive, (o, v) -> o.keepAlive = v);
    /** How long a close waits, seconds; -1 for off, 0 to reset. */
    public static final TcpOption<Integer> SO_LINGER =
            integer("SO_LINGER", -1, 65_535, 1, "seconds", o -> o.lingerSeconds, (o, v) -> o.lingerSeconds = (int) v);
    /** A listener may take a port on which connections still are in TIME-WAIT. */
    public static final TcpOption<Boolean> SO_REUSEADDR =
            flag("SO_REUSEADDR", o -> o.reuseAddress, (o, v) -> o.reuseAddress = v);
    /**
     * The interface that a connection is bound to: 0 for any, 1 for the first, as {@link
     * dev.penstock.stack.ip.IpInterface#zoneId} counts them. Fixed once a connection or a listener exists.
     */
    public static final TcpOption<Integer> SO_BINDTOIFINDEX = integer(
            "SO_BINDTOIFINDEX",
            0,
            IpLayer.MAX_INTERFACES,
            1,
            "",
            o -> o.interfaceIndex + 1,
            (o, v) -> o.interfaceIndex = (int) v - 1);
    /** The most that is sent, bytes a second; {@link Long#MAX_VALUE} for no limit. */
    public static final TcpOption<Long> SO_MAX_PACING_RATE = new TcpOption<>(
            "SO_MAX_PACING_RATE",
            Long.class,
            new Range(1, Long.MAX_VALUE, 1, false, "bytes a second", o -> o.maxPacingRate),
            o -> o.maxPacingRate,
            (o, v) -> o.maxPacingRate = v);
    /** The DSCP bits, 0 .. 255; the two ECN bits are TCP's own and read as 0. */
    public static final TcpOption<Integer> IP_TOS =
            integer("IP_TOS", 0, 255, 1, "", o -> o.tos, (o, v) -> o.tos = (int) v & 0xfc);
    /** TTL or hop limit, 1 .. 255. */
    public static final TcpOption<Integer> IP_TTL =
            integer("IP_TTL", 1, 255, 1, "", TcpOptions::ttl, (o, v) -> o.ttl = (int) v);
    /** No Nagle algorithm (RFC 9293, section 3.7.4). */
    public static final TcpOption<Boolean> TCP_NODELAY = flag("TCP_NODELAY", o -> o.noDelay, (o, v) -> o.noDelay = v);
    /** Only full segments are sent, for at most 200 ms; taking it off sends the rest. */
    public static final TcpOption<Boolean> TCP_CORK = flag("TCP_CORK", o -> o.cork, (o, v) -> o.cork = v);
    /** Every segment is acknowledged at once. Unlike Linux's it stays as it was set. */
    public static final TcpOption<Boolean> TCP_QUICKACK =
            flag("TCP_QUICKACK", o -> !o.delayedAck, (o, v) -> o.delayedAck = !v);
    /** Idle time before the first keepalive, seconds, 1 .. 32,767. */
    public static final TcpOption<Integer> TCP_KEEPIDLE =
            integer("TCP_KEEPIDLE", 1, 32_767, SECOND, "seconds", o -> o.keepIdleNs, (o, v) -> o.keepIdleNs = v);
    /** Time between keepalives, seconds, 1 .. 32,767. */
    public static final TcpOption<Integer> TCP_KEEPINTVL = integer(
            "TCP_KEEPINTVL", 1, 32_767, SECOND, "seconds", o -> o.keepIntervalNs, (o, v) -> o.keepIntervalNs = v);
    /** Keepalives without an answer before the connection is given up, 1 .. 127. */
    public static final TcpOption<Integer> TCP_KEEPCNT =
            integer("TCP_KEEPCNT", 1, 127, 1, "", o -> o.keepCount, (o, v) -> o.keepCount = (int) v);
    /** How long data may stay unacknowledged, milliseconds; 0 for TCP's own limit (RFC 5482). */
    public static final TcpOption<Integer> TCP_USER_TIMEOUT = integer(
            "TCP_USER_TIMEOUT",
            0,
            Integer.MAX_VALUE,
            MS,
            "milliseconds",
            o -> o.userTimeoutNs,
            (o, v) -> o.userTimeoutNs = v);
    /** The socket counts as writable, and takes data, only while less than so many bytes were not sent; 0 for off. */
    public static final TcpOption<Integer> TCP_NOTSENT_LOWAT = integer(
            "TCP_NOTSENT_LOWAT",
            0,
            Integer.MAX_VALUE,
            1,
            "bytes",
            o -> o.notSentLowat,
            (o, v) -> o.notSentLowat = (int) v);
    /** An upper bound for the segment size in both directions, bytes, 64 .. 65,535; 0 for none. */
    public static final TcpOption<Integer> TCP_MAXSEG = new TcpOption<>(
            "TCP_MAXSEG",
            Integer.class,
            new Range(64, 65_535, 1, true, "bytes", o -> o.maxSegment),
            o -> o.maxSegment,
            (o, v) -> o.maxSegment = v);
    /** SYNs that are sent again before a connect is given up, 1 .. 127; 0 for the stack's own number. */
    public static final TcpOption<Integer> TCP_SYNCNT =
            integer("TCP_SYNCNT", 0, 127, 1, "", o -> o.synRetries, (o, v) -> o.synRetries = (int) v);
    /**
     * How long a closed connection stays in FIN-WAIT-2, seconds, up to 120; 0 for the stack's own time, -1 to have it reset
     * there.
     */
    public static final TcpOption<Integer> TCP_LINGER2 =
            integer("TCP_LINGER2", -1, 120, SECOND, "seconds", o -> o.finWait2Ns, (o, v) -> o.finWait2Ns = v);
    /** A listener's connections are accepted when they bring data, or after so many seconds; 0 for off. */
    public static final TcpOption<Integer> TCP_DEFER_ACCEPT = integer(
            "TCP_DEFER_ACCEPT", 0, 32_767, SECOND, "seconds", o -> o.deferAcceptNs, (o, v) -> o.deferAcceptNs = v);
    /** The largest window that is offered, bytes; 0 for no limit. */
    public static final TcpOption<Integer> TCP_WINDOW_CLAMP = integer(
            "TCP_WINDOW_CLAMP", 0, MAX_BUFFER, 1, "bytes", o -> o.windowClamp, (o, v) -> o.windowClamp = (int) v);
    /** The congestion control, one of {@link CongestionControls#names}; on a live connection the new one goes on from cwnd. */
    public static final TcpOption<String> TCP_CONGESTION = new TcpOption<>(
            "TCP_CONGESTION",
            String.class,
            null,
            o -> o.congestion,
            (o, v) -> o.congestion = CongestionControls.check(v));

    /** All of them. */
    public static final List<TcpOption<?>> ALL = List.of(
            SO_SNDBUF,
            SO_RCVBUF,
            SO_KEEPALIVE,
            SO_LINGER,
            SO_REUSEADDR,
            SO_BINDTOIFINDEX,
            SO_MAX_PACING_RATE,
            IP_TOS,
            IP_TTL,
            TCP_NODELAY,
            TCP_CORK,
            TCP_QUICKACK,
            TCP_KEEPIDLE,
            TCP_KEEPINTVL,
            TCP_KEEPCNT,
            TCP_USER_TIMEOUT,
            TCP_NOTSENT_LOWAT,
            TCP_MAXSEG,
            TCP_SYNCNT,
            TCP_LINGER2,
            TCP_DEFER_ACCEPT,
            TCP_WINDOW_CLAMP,
            TCP_CONGESTION);

    private final String name;
    private final Class<T> type;
    private final Range range;
    private final Function<TcpOptions, T> getter;
    private final BiConsumer<TcpOptions, T> setter;

    private TcpOption(
            String name, Class<T> type, Range range, Function<TcpOptions, T> getter, BiConsumer<TcpOptions, T> setter) {
        this.name = name;
        this.type = type;
        this.range = range;
        this.getter = getter;
        this.setter = setter;
    }

    /** The values that a number may have: in the unit of the key, stored {@code scale} times as large. */
    private record Range(
            long least, long most, long scale, boolean orZero, String unit, ToLongFunction<TcpOptions> stored) {
        boolean contains(long value) {
            return value >= least && value <= most || orZero && value == 0;
        }

        /** Stored times may lie between the key's units, for whoever sets nanoseconds directly. */
        boolean isStoredRightly(TcpOptions o) {
            long value = stored.applyAsLong(o);
            return value >= Math.min(least, least * scale)
                            && value / scale <= most
                            && (value / scale < most || value % scale == 0)
                    || orZero && value == 0;
        }

        String describe() {
            String text = (orZero ? "0 or " : "") + least + " .. " + most;
            return unit.isEmpty() ? text : text + " " + unit;
        }
    }

    private static TcpOption<Boolean> flag(
            String name, Function<TcpOptions, Boolean> getter, BiConsumer<TcpOptions, Boolean> setter) {
        return new TcpOption<>(name, Boolean.class, null, getter, setter);
    }

    private static TcpOption<Integer> integer(
            String name,
            long least,
            long most,
            long scale,
            String unit,
            ToLongFunction<TcpOptions> stored,
            ObjLongConsumer<TcpOptions> store) {
        return new TcpOption<>(
                name,
                Integer.class,
                new Range(least, most, scale, false, unit, stored),
                o -> (int) -Math.floorDiv(-stored.applyAsLong(o), scale),
                (o, v) -> store.accept(o, v * scale));
    }

    /** As {@code setsockopt} knows it: {@code "TCP_NODELAY"}. */
    public String name() {
        return name;
    }

    /** The class of its values. */
    public Class<T> type() {
        return type;
    }

    /** What it may be, {@code "1 .. 127"} or {@code "cubic, reno"}, or the type's name where any value will do. */
    public String range() {
        if (type == String.class) {
            return String.join(", ", CongestionControls.names());
        }
        return range == null ? type.getSimpleName() : range.describe();
    }

    /** The value in {@code options}, in the unit of this key, rounded up. */
    public T get(TcpOptions options) {
        return getter.apply(options);
    }

    /**
     * Changes the value in {@code options}.
     *
     * @throws IllegalArgumentException if it is out of range: names option, value and range
     */
    public void set(TcpOptions options, T value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " must not be null");
        }
        T checked = type.cast(value);
        if (range != null && !range.contains(((Number) checked).longValue())) {
            throw new IllegalArgumentException(name + " must be in " + range.describe() + ": " + value);
        }
        setter.accept(options, checked);
    }

    /** As {@link TcpOptions#check} for this one. */
    void check(TcpOptions options) {
        if (type == String.class) {
            CongestionControls.check(options.congestion);
        }
        if (range != null && !range.isStoredRightly(options)) {
            long stored = range.stored.applyAsLong(options);
            String shown = range.scale == 1 ? Long.toString(stored) : stored + " ns";
            throw new IllegalArgumentException(name + " must be in " + range.describe() + ": " + shown);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
