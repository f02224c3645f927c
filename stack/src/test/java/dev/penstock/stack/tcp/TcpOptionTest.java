package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.Test;

/** The keys of socket options: names, units, ranges, and that none of them is forgotten anywhere. */
class TcpOptionTest {
    private final TcpOptions options = new TcpOptions();

    private String refusal(Runnable r) {
        return assertThrows(IllegalArgumentException.class, r::run).getMessage();
    }

    @Test
    void everyKeyIsInTheListUnderItsOwnName() throws IllegalAccessException {
        int keys = 0;
        for (Field f : TcpOption.class.getFields()) {
            if (Modifier.isStatic(f.getModifiers()) && f.getType() == TcpOption.class) {
                TcpOption<?> key = (TcpOption<?>) f.get(null);
                assertEquals(f.getName(), key.name());
                assertEquals(f.getName(), key.toString());
                assertTrue(TcpOption.ALL.contains(key), f.getName());
                keys++;
            }
        }
        assertEquals(TcpOption.ALL.size(), keys);
    }

    @Test
    void everyFieldHasAKey() throws IllegalAccessException {
        for (Field f : TcpOptions.class.getFields()) {
            TcpOptions changed = new TcpOptions();
            if (f.getType() == boolean.class) {
                f.setBoolean(changed, !f.getBoolean(changed));
            } else if (f.getType() == int.class) {
                // A TTL of 64 is what its default shows.
                f.setInt(changed, f.getInt(changed) == 65 ? 32 : 65);
            } else if (f.getType() == long.class) {
                f.setLong(changed, 5_000_000_000L);
            } else {
                f.set(changed, "reno");
            }
            boolean seen = TcpOption.ALL.stream().anyMatch(k -> !k.get(changed).equals(k.get(options)));
            assertTrue(seen, "no key shows the field " + f.getName());
            TcpOptions copy = new TcpOptions();
            copy.copyFrom(changed);
            assertEquals(f.get(changed), f.get(copy), "copyFrom forgets " + f.getName());
            assertEquals(f.get(changed), f.get(changed.clone()), "clone forgets " + f.getName());
        }
    }

    private <T> void roundTrip(TcpOption<T> key, T value) {
        assertNotEquals(value, key.get(options), key + " is tried with its default");
        key.set(options, value);
        assertEquals(value, key.get(options), key.name());
        options.check();
    }

    @Test
    void whatWasSetIsRead() {
        roundTrip(TcpOption.SO_SNDBUF, 1);
        roundTrip(TcpOption.SO_SNDBUF, 1 << 30);
        roundTrip(TcpOption.SO_RCVBUF, 1 << 30);
        roundTrip(TcpOption.SO_KEEPALIVE, true);
        roundTrip(TcpOption.SO_LINGER, 65_535);
        roundTrip(TcpOption.SO_LINGER, -1);
        roundTrip(TcpOption.SO_REUSEADDR, false);
        roundTrip(TcpOption.SO_MAX_PACING_RATE, 125_000L);
        roundTrip(TcpOption.IP_TOS, 0xb8);
        roundTrip(TcpOption.IP_TTL, 255);
        roundTrip(TcpOption.TCP_NODELAY, true);
        roundTrip(TcpOption.TCP_CORK, true);
        roundTrip(TcpOption.TCP_QUICKACK, true);
        roundTrip(TcpOption.TCP_KEEPIDLE, 32_767);
        roundTrip(TcpOption.TCP_KEEPINTVL, 1);
        roundTrip(TcpOption.TCP_KEEPCNT, 127);
        roundTrip(TcpOption.TCP_USER_TIMEOUT, Integer.MAX_VALUE);
        roundTrip(TcpOption.TCP_USER_TIMEOUT, 0);
        roundTrip(TcpOption.TCP_NOTSENT_LOWAT, 16_384);
        roundTrip(TcpOption.TCP_MAXSEG, 536);
        roundTrip(TcpOption.TCP_MAXSEG, 0);
        roundTrip(TcpOption.TCP_CONGESTION, "reno");
        roundTrip(TcpOption.TCP_CONGESTION, "cubic");
    }

    @Test
    void unitsAreThoseOfSetsockopt() {
        TcpOption.TCP_KEEPIDLE.set(options, 10);
        assertEquals(10_000_000_000L, options.keepIdleNs);
        TcpOption.TCP_USER_TIMEOUT.set(options, 1_500);
        assertEquals(1_500_000_000L, options.userTimeoutNs);
        TcpOption.TCP_QUICKACK.set(options, true);
        assertFalse(options.delayedAck);
        options.keepIdleNs = 1_500_000_000L;
        assertEquals(2, TcpOption.TCP_KEEPIDLE.get(options), "rounded up: half a second is not none");
    }

    @Test
    void theEcnBitsAreTcpsOwn() {
        TcpOption.IP_TOS.set(options, 0xff);
        assertEquals(0xfc, TcpOption.IP_TOS.get(options));
    }

    @Test
    void aRefusalNamesOptionValueAndRange() {
        assertEquals("TCP_KEEPCNT must be in 1 .. 127: 128", refusal(() -> TcpOption.TCP_KEEPCNT.set(options, 128)));
        assertEquals(
                "TCP_KEEPIDLE must be in 1 .. 32767 seconds: 0", refusal(() -> TcpOption.TCP_KEEPIDLE.set(options, 0)));
        assertEquals(
                "TCP_MAXSEG must be in 0 or 64 .. 65535 bytes: 63",
                refusal(() -> TcpOption.TCP_MAXSEG.set(options, 63)));
        assertEquals(
                "SO_MAX_PACING_RATE must be in 1 .. 9223372036854775807 bytes a second: 0",
                refusal(() -> TcpOption.SO_MAX_PACING_RATE.set(options, 0L)));
        assertEquals("IP_TTL must not be null", refusal(() -> TcpOption.IP_TTL.set(options, null)));
        assertEquals(
                "TCP_CONGESTION must be one of cubic, reno, bbr, none: 'vegas'",
                refusal(() -> TcpOption.TCP_CONGESTION.set(options, "vegas")));
        assertEquals(9, options.keepCount, "nothing was changed");
        assertEquals(64, TcpOption.IP_TTL.get(options));
        assertEquals("Boolean", TcpOption.TCP_CORK.range());
        assertEquals("1 .. 255", TcpOption.IP_TTL.range());
    }

    @Test
    void plainFieldsAreHeldToTheSameRanges() {
        options.keepIdleNs = 1;
        options.check();
        options.keepIdleNs = 32_767_000_000_001L;
        assertEquals("TCP_KEEPIDLE must be in 1 .. 32767 seconds: 32767000000001 ns", refusal(options::check));
        options.keepIdleNs = 1;
        options.ttl = 0;
        assertEquals("IP_TTL must be in 1 .. 255: 0", refusal(options::check));
        options.ttl = 1;
        options.congestion = "vegas";
        assertEquals("TCP_CONGESTION must be one of cubic, reno, bbr, none: 'vegas'", refusal(options::check));
        options.congestion = "reno";
        options.sendBuffer = -1;
        assertEquals("SO_SNDBUF must be in 0 .. 1073741824 bytes: -1", refusal(options::check));
    }
}
