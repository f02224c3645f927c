package dev.penstock.apps.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trace comes from anywhere: what is wrong with it is told with its line. */
class TraceReaderTest {
    private static final String HEADER = "time_ns,connection,event,seq,length_bytes,ack,window_bytes,flags,cwnd_bytes,"
            + "ssthresh_bytes,pipe_bytes,srtt_ns,rttvar_ns,rto_ns,pacing_bytes_per_s,detail\n";
    private static final String SENT = "0,1,sent,1,10,1,100,A,,,,,,,,\n";

    @TempDir
    private Path directory;

    private Path file(String text) throws IOException {
        Path file = directory.resolve("t.csv");
        Files.writeString(file, text);
        return file;
    }

    private String refusal(String text) throws IOException {
        Path file = file(text);
        return assertThrows(IOException.class, () -> TraceReader.read(file, 0)).getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            0,1,sent,1,10                     | line 3: 5 values where 16 are expected
            0,1,jump,1,10,1,100,A,,,,,,,,     | line 3: unknown event 'jump'
            x,1,sent,1,10,1,100,A,,,,,,,,     | line 3: time_ns is no whole number: 'x'
            ,1,sent,1,10,1,100,A,,,,,,,,      | line 3: time_ns is missing
            -1,1,sent,1,10,1,100,A,,,,,,,,    | line 3: time_ns is out of range: -1
            0,-1,sent,1,10,1,100,A,,,,,,,,    | line 3: connection is out of range: -1
            0,100001,sent,1,10,1,0,A,,,,,,,,  | line 3: connection 100001 is not in 0 .. 100000
            0,1,sent,,10,1,100,A,,,,,,,,      | line 3: seq is missing
            0,1,sent,1.5,10,1,100,A,,,,,,,,   | line 3: seq is no whole number: '1.5'
            0,1,sent,1,-10,1,100,A,,,,,,,,    | line 3: length_bytes is out of range: -10
            0,1,sample,,,,,,9007199254740993,,,,,,, | line 3: cwnd_bytes is out of range: 9007199254740993
            0,1,sent,1,99999999999999999999,1,100,A,,,,,,,, | line 3: length_bytes is no whole number: '99999999999999999999'
            """)
    void aWrongLineIsTold(String line, String message) throws IOException {
        assertEquals(message, refusal(HEADER + SENT + line + "\n" + SENT));
    }

    @Test
    void anEmptyLineIsNoEvent() throws IOException {
        assertEquals("line 3: 1 values where 16 are expected", refusal(HEADER + SENT + "\n" + SENT));
    }

    @Test
    void timeDoesNotGoBackwards() throws IOException {
        String text = HEADER + "5" + SENT.substring(1) + "4" + SENT.substring(1);
        assertEquals("line 3: time_ns goes backwards: 4 after 5", refusal(text));
    }

    @Test
    void anotherFileIsNoTrace() throws IOException {
        assertTrue(refusal("").startsWith("line 1: the file is empty: a trace begins with 'time_ns,"), refusal(""));
        assertTrue(refusal("a,b\n1,2\n").startsWith("line 1: not a trace of connections"), refusal("a,b\n"));
        Path binary = directory.resolve("b.csv");
        Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, (byte) 0x80});
        assertEquals(
                "not a trace of connections: it is no text",
                assertThrows(IOException.class, () -> TraceReader.read(binary, 0))
                        .getMessage());
    }

    @Test
    void aLineWithoutAnEndIsNotReadToItsEnd() throws IOException {
        assertEquals("line 2: longer than 1000 characters", refusal(HEADER + "1".repeat(1_000_000)));
    }

    @Test
    void aConnectionMustBeThere() throws IOException {
        assertTrue(refusal(HEADER).startsWith("the trace has no connection: "), refusal(HEADER));
        Path file = file(HEADER + SENT);
        assertEquals(
                "the trace has no connection 2: it has 1, beginning with 1",
                assertThrows(IOException.class, () -> TraceReader.read(file, 2)).getMessage());
    }

    @Test
    void theConnectionWithTheMostEventsIsTaken() throws IOException {
        String second = "0,2" + SENT.substring(3);
        TraceData data = TraceReader.read(file(HEADER + SENT + second + second + "9,3,open,,,,,,,,,,,,,a b\n"), 0);
        assertEquals(2, data.connection);
        assertEquals(2, data.segments.size());
        assertEquals(10, data.segments.get(1, TraceData.LENGTH));
    }

    @Test
    void linesMayEndAsOnOtherSystems() throws IOException {
        TraceData data = TraceReader.read(file((HEADER + SENT + SENT).replace("\n", "\r\n")), 0);
        assertEquals(2, data.segments.size());
    }

    @Property(tries = 300)
    void noDamageMakesAnythingButAnIoException(
            @ForAll @IntRange(max = 400) int at, @ForAll byte value, @ForAll boolean cut) throws IOException {
        byte[] text = (HEADER + SENT + "1,1,sample,,,,,,5,6,7,8,9,10,11,\n" + SENT).getBytes(StandardCharsets.UTF_8);
        int where = at % text.length;
        text[where] = value;
        Path file = Files.createTempFile("trace", ".csv");
        Path svg = Files.createTempFile("trace", ".svg");
        try {
            Files.write(file, cut ? java.util.Arrays.copyOf(text, where) : text);
            TracePlot.draw(file, svg, 0, TracePlot.Direction.AUTO);
        } catch (IOException e) {
            assertTrue(e.getMessage() != null && !e.getMessage().isBlank(), "told what is wrong");
        } finally {
            Files.delete(file);
            Files.delete(svg);
        }
    }
}
