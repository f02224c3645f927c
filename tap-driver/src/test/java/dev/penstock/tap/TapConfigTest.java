package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every wrong value is refused in one line that names it and says what would be right. */
class TapConfigTest {
    private static TapConfig.Builder good() {
        return TapConfig.builder().name("tap0").macAddress(0x02_00_00_00_00_01L);
    }

    private static void assertRefused(TapConfig.Builder builder, String... parts) {
        assertOneLine(assertThrows(TapException.class, builder::build), parts);
    }

    private static void assertOneLine(TapException e, String... parts) {
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
        }
    }

    @Test
    void theLimitsThemselvesAreGood() {
        assertDoesNotThrow(() -> good().build());
        assertDoesNotThrow(() -> good().name("").build());
        assertDoesNotThrow(() -> good().name("exactly15bytes_").build());
        assertDoesNotThrow(() -> good().mtu(68).build());
        assertDoesNotThrow(() -> good().mtu(65_521).build());
        assertDoesNotThrow(() -> good().mtu(1280).hostAddress("fd00::1/64").build());
        assertDoesNotThrow(
                () -> good().hostAddress("::/0").hostAddress("0.0.0.0/0").build());
    }

    @Test
    void wrongValuesAreNamed() {
        assertRefused(good().name("sixteen-bytes-xx"), "sixteen-bytes-xx", "16 bytes", "at most 15");
        assertRefused(good().mtu(67), "bad MTU 67", "68 .. 65521");
        assertRefused(good().mtu(65_522), "bad MTU 65522", "68 .. 65521");
        assertRefused(good().mtu(1279).hostAddress("fd00::1/64"), "fd00::1/64", "1279", "1280");
        assertRefused(good().macAddress(0), "0x0", "unicast");
        assertRefused(good().macAddress(0x01_00_5e_00_00_01L), "0x1005e000001", "unicast");
        assertRefused(good().macAddress(1L << 48), "48 bits");
        assertRefused(good().macAddress(-1), "48 bits");
        assertRefused(good().burst(0), "bad burst 0", "1 .. 4096");
        assertRefused(good().burst(4097), "bad burst 4097");
        assertRefused(good().txQueueLength(-1), "-1", "1 .. 100000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "a:b", "tap%d", "a\tb", "a\nb", "tapé", ".", ".."})
    void illegalNamesAreRefused(String name) {
        assertRefused(good().name(name), "bad interface name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.1",
                "10.0.0/24",
                "10.0.0.256/24",
                "10.0.0.1/33",
                "10.0.0.1/",
                "10.0.0.1/-1",
                "10.0.0.1/24/1",
                "10.0.0.+1/24",
                "0010.0.0.1/24",
                "example.com/24",
                "fd00::1",
                "fd00::1/129",
                "fd00::g/64",
                "fd00:::1/64",
                "fe80::1%eth0/64",
                "::ffff:10.0.0.1/96",
                "1:2:3:4:5:6:7:8:9/64",
                "١.0.0.1/24"
            })
    void badAddressesAreRefused(String cidr) {
        assertRefused(good().hostAddress(cidr), "'" + cidr + "'");
    }

    @ParameterizedTest
    @CsvSource({"jnr, JNR", "JNA, JNA", "' Jnr ', JNR"})
    void bindingsHaveNames(String name, NativeBinding binding) {
        assertEquals(binding, NativeBinding.parse(name));
    }

    @Test
    void anUnknownBindingSaysWhatThereIs() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> NativeBinding.parse("panama"));
        assertEquals("unknown native binding 'panama': use jnr or jna", e.getMessage());
    }

    @Test
    void anotherPlatformIsRefusedBeforeAnyNativeCall() throws Exception {
        Platform.requireLinux64("Linux", "64");
        assertOneLine(
                assertThrows(TapException.class, () -> Platform.requireLinux64("Mac OS X", "64")),
                "Mac OS X",
                "run on Linux");
        assertOneLine(assertThrows(TapException.class, () -> Platform.requireLinux64("Linux", "32")), "64-bit");
    }

    @Test
    void errorsOfTheDriverNameTheRemedy() {
        TapException missing = TapOpener.cannotOpenTun(Errno.ENOENT);
        assertOneLine(missing, "/dev/net/tun", "ENOENT (No such file or directory)", "modprobe tun", "in-memory demo");
        assertEquals(Errno.ENOENT, missing.errno());
        assertOneLine(
                TapOpener.cannotOpenTun(Errno.EACCES),
                "EACCES (Permission denied)",
                "root",
                "0666",
                "unshare -Urn",
                "in-memory demo");
        assertOneLine(TapOpener.cannotOpenTun(Errno.EMFILE), "EMFILE (Too many open files)");
        assertEquals("errno 200", Errno.describe(200));
        assertEquals("EPERM (Operation not permitted)", Errno.describe(1));
    }
}
