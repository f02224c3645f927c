package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options of a SYN, byte by byte, in the order of the stack that is imitated, whatever of them is offered. */
class SynOptionOrderTest extends TcpFixture {
    private String options(byte[] segment) {
        int header = (segment[12] & 0xf0) >>> 2;
        byte[] bytes = Arrays.copyOfRange(segment, 20, header);
        for (int i = 0; i + 10 <= bytes.length; i++) {
            if (bytes[i] == 8 && bytes[i + 1] == 10) {
                Arrays.fill(bytes, i + 2, i + 10, (byte) 0xee);
            }
        }
        return HexFormat.of().formatHex(bytes).replace("080aeeeeeeeeeeeeeeee", "ts");
    }

    @ParameterizedTest
    @CsvSource({
        "LINUX, true, true, true, 020405b4 0402 ts 01030309",
        "LINUX, true, false, true, 020405b4 0101 ts 01030309",
        "LINUX, true, true, false, 020405b4 0402 ts",
        "LINUX, false, true, true, 020405b4 01010402 01030309",
        "LINUX, false, true, false, 020405b4 01010402",
        "LINUX, false, false, true, 020405b4 01030309",
        "LINUX, true, false, false, 020405b4 0101 ts",
        "LINUX, false, false, false, 020405b4",
        "BSD, true, true, true, 020405b4 01030309 0402 ts",
        "BSD, true, false, true, 020405b4 01030309 0101 ts",
        "BSD, true, true, false, 020405b4 0402 ts",
        "BSD, false, true, true, 020405b4 01030309 0402 0000",
        "BSD, false, true, false, 020405b4 0402 0000",
        "BSD, false, false, true, 020405b4 01030309",
        "BSD, true, false, false, 020405b4 0101 ts",
        "BSD, false, false, false, 020405b4",
    })
    void eachSubset(TcpSynOptions order, boolean timestamps, boolean sack, boolean scale, String expected) {
        config.synOptions = order;
        config.timestamps = timestamps;
        config.sack = sack;
        config.windowScaling = scale;
        options.receiveBuffer = 16 << 20;
        connecting();
        Seg syn = expect(SYN, 0, 0);
        assertEquals(expected.replace(" ", ""), options(syn.bytes));
        assertEquals(timestamps, syn.options.hasTimestamps, "and it can be read");
        assertEquals(sack, syn.options.sackPermitted);
        assertEquals(scale ? 9 : Segment.ABSENT, syn.options.windowScale);
        abort();
        drain();
    }
}
