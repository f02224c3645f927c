package dev.penstock.apps.trace;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads what {@link TcpTraceCsv} wrote, and believes nothing: each fault is told with its line. */
final class TraceReader {
    private static final int MAX_LINE = 1_000;
    private static final int MAX_CONNECTIONS = 100_000;
    private static final int MAX_EVENTS = 4_000_000;
    /** Any number of a trace is smaller; sums and products of plotting do not overflow then. */
    private static final long MAX_NUMBER = 1L << 53;

    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setQuote(null)
            .setRecordSeparator('\n')
            .setIgnoreEmptyLines(false)
            .get();
    private static final String HEADER =
            Arrays.stream(TraceColumn.values()).map(TraceColumn::title).collect(Collectors.joining(","));

    private TraceReader() {}

    /** A line's handling. */
    private interface Sink {
        void accept(Line line) throws TraceFormatException;
    }

    /**
     * Reads one connection.
     *
     * @param connection its number, or 0 for the one with the most events
     * @throws TraceFormatException the file is no trace, or a damaged one
     * @throws IOException it cannot be read, or has no such connection
     */
    static TraceData read(Path file, int connection) throws IOException {
        int[] events = count(file);
        int chosen = connection;
        if (connection == 0) {
            for (int i = 1; i < events.length; i++) {
                chosen = events[i] > (chosen == 0 ? 0 : events[chosen]) ? i : chosen;
            }
        }
        if (chosen == 0) {
            throw new IOException("the trace has no connection: was anything connected while it was written?");
        }
        if (chosen >= events.length || events[chosen] == 0) {
            long there = Arrays.stream(events).filter(n -> n > 0).count();
            throw new IOException("the trace has no connection " + chosen + ": it has " + there + ", beginning with 1");
        }
        if (events[chosen] > MAX_EVENTS) {
            throw new IOException("connection " + chosen + " has " + events[chosen] + " events, more than " + MAX_EVENTS
                    + ": trace a shorter transfer");
        }
        TraceData data = new TraceData(chosen);
        each(file, line -> line.into(data));
        return data;
    }

    /** How many events each connection has, by its number. */
    private static int[] count(Path file) throws IOException {
        int[][] events = {new int[16]};
        each(file, line -> {
            int c = line.connection();
            if (c >= events[0].length) {
                events[0] = Arrays.copyOf(events[0], Math.max(c + 1, events[0].length * 2));
            }
            events[0][c]++;
        });
        events[0][0] = 0;
        return events[0];
    }

    private static void each(Path file, Sink sink) throws IOException {
        try (BufferedReader text = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                CSVParser parser = CSVParser.parse(new ShortLines(text), FORMAT)) {
            Line line = new Line();
            for (CSVRecord record : parser) {
                line.record = record;
                if (record.getRecordNumber() == 1) {
                    if (!Arrays.equals(record.values(), HEADER.split(",", -1))) {
                        throw line.wrong("not a trace of connections: it should be '" + HEADER + "'");
                    }
                } else {
                    line.check();
                    sink.accept(line);
                }
            }
            if (parser.getRecordNumber() == 0) {
                throw new TraceFormatException(1, "the file is empty: a trace begins with '" + HEADER + "'");
            }
        } catch (UncheckedIOException e) {
            // What the parser's iterator meets on the way.
            throw readable(e.getCause());
        } catch (CharacterCodingException e) {
            throw readable(e);
        }
    }

    private static IOException readable(IOException e) {
        return e instanceof CharacterCodingException
                ? new IOException("not a trace of connections: it is no text", e)
                : e;
    }

    /** Lines without an end would fill the memory. */
    private static final class ShortLines extends FilterReader {
        private long line = 1;
        private int length;

        ShortLines(Reader in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int c = super.read();
            if (c >= 0) {
                count((char) c);
            }
            return c;
        }

        @Override
        public int read(char[] to, int offset, int n) throws IOException {
            int got = super.read(to, offset, n);
            for (int i = 0; i < got; i++) {
                count(to[offset + i]);
            }
            return got;
        }

        private void count(char c) throws IOException {
            if (c == '\n') {
                line++;
                length = 0;
            } else if (++length > MAX_LINE) {
                throw new TraceFormatException(line, "longer than " + MAX_LINE + " characters");
            }
        }
    }

    /** One line, checked as far as it is looked at. */
    private static final class Line {
        private CSVRecord record;
        private TraceKind kind;

        TraceFormatException wrong(String what) {
            return new TraceFormatException(record.getRecordNumber(), what);
        }

        void check() throws TraceFormatException {
            if (record.size() != TraceColumn.COUNT) {
                throw wrong(record.size() + " values where " + TraceColumn.COUNT + " are expected");
            }
            kind = TraceKind.of(text(TraceColumn.EVENT));
            if (kind == null) {
                throw wrong("unknown event '" + text(TraceColumn.EVENT) + "'");
            }
            required(TraceColumn.TIME_NS);
            connection();
        }

        private String text(TraceColumn column) {
            return record.get(column.ordinal());
        }

        int connection() throws TraceFormatException {
            long c = required(TraceColumn.CONNECTION);
            if (c < 0 || c > MAX_CONNECTIONS) {
                throw wrong("connection " + c + " is not in 0 .. " + MAX_CONNECTIONS);
            }
            return (int) c;
        }

        private long required(TraceColumn column) throws TraceFormatException {
            long value = optional(column);
            if (value == TraceData.NONE) {
                throw wrong(column.title() + " is missing");
            }
            return value;
        }

        private long optional(TraceColumn column) throws TraceFormatException {
            String text = text(column);
            if (text.isEmpty()) {
                return TraceData.NONE;
            }
            long value;
            try {
                value = Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw wrong(column.title() + " is no whole number: '" + text + "'");
            }
            boolean signed = column == TraceColumn.SEQ || column == TraceColumn.ACK;
            if (value > MAX_NUMBER || value < (signed ? -MAX_NUMBER : 0)) {
                throw wrong(column.title() + " is out of range: " + text);
            }
            return value;
        }

        void into(TraceData data) throws TraceFormatException {
            if (kind == TraceKind.TRUNCATED) {
                data.truncated = true;
            }
            if (connection() != data.connection) {
                return;
            }
            long time = required(TraceColumn.TIME_NS);
            if (data.firstNs == TraceData.NONE) {
                data.firstNs = time;
            } else if (time < data.lastNs) {
                throw wrong("time_ns goes backwards: " + time + " after " + data.lastNs);
            }
            data.lastNs = time;
            if (kind == TraceKind.OPEN) {
                data.addresses = text(TraceColumn.DETAIL);
            } else if (kind.isSegment() || kind == TraceKind.SACK) {
                segment(data, time);
            } else if (kind.isSample()) {
                sample(data, time);
            }
        }

        private void segment(TraceData data, long time) throws TraceFormatException {
            long length = required(TraceColumn.LENGTH_BYTES);
            data.segments.add(
                    time,
                    kind.ordinal(),
                    required(TraceColumn.SEQ),
                    length,
                    optional(TraceColumn.ACK),
                    optional(TraceColumn.WINDOW_BYTES));
        }

        private void sample(TraceData data, long time) throws TraceFormatException {
            data.samples.add(
                    time,
                    kind.ordinal(),
                    optional(TraceColumn.CWND_BYTES),
                    optional(TraceColumn.SSTHRESH_BYTES),
                    optional(TraceColumn.PIPE_BYTES),
                    optional(TraceColumn.SRTT_NS));
        }
    }
}
