package dev.penstock.apps.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangesTest {

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0-0",
        "bytes=0-, 0-99",
        "bytes=10-19, 10-19",
        "bytes=90-500, 90-99",
        "BYTES=-5, 95-99",
        "bytes=-500, 0-99",
        "bytes=99-, 99-99",
        "bytes=0-99999999999999999999999, 0-99",
        "'bytes=0-1, 5-6', 0-1 5-6",
        "'bytes=,0-1,,500-', 0-1",
        "'bytes=50-59,0-9', 50-59 0-9"
    })
    void readsRanges(String field, String expected) {
        ByteRanges ranges = ByteRanges.parse(field, 100);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < ranges.count(); i++) {
            out.append(i == 0 ? "" : " ").append(ranges.first(i)).append('-').append(ranges.last(i));
        }
        assertEquals(expected, out.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=a-b",
                "bytes=5-4",
                "bytes=1-2-3",
                "lines=0-1",
                "bytes=0x1-2",
                "bytes=--1",
                "bytes=1",
                "bytes=0-9,0-",
                "bytes= ,",
                "bytes=+1-2"
            })
    void ignoresWhatIsMalformedOrExcessive(String field) {
        assertSame(ByteRanges.IGNORED, ByteRanges.parse(field, 100), field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-", "bytes=-0", "bytes=200-300, 400-"})
    void knowsWhatCannotBeSatisfied(String field) {
        assertSame(ByteRanges.UNSATISFIABLE, ByteRanges.parse(field, 100), field);
    }

    @Test
    void ignoresTooManyRanges() {
        StringBuilder field = new StringBuilder("bytes=0-0");
        for (int i = 1; i <= ByteRanges.MOST; i++) {
            field.append(',').append(2 * i).append('-').append(2 * i);
        }
        assertSame(ByteRanges.IGNORED, ByteRanges.parse(field.toString(), 1000));
    }

    @Property
    void everyRangeLiesInside(
            @ForAll @LongRange(max = 200) long size,
            @ForAll @StringLength(max = 30) @CharRange(from = '0', to = '9') @Chars({'-', ',', ' '}) String spec) {
        ByteRanges ranges = ByteRanges.parse("bytes=" + spec, size);
        for (int i = 0; i < ranges.count(); i++) {
            assertTrue(ranges.first(i) >= 0 && ranges.first(i) <= ranges.last(i) && ranges.last(i) < size, spec);
        }
    }
}
