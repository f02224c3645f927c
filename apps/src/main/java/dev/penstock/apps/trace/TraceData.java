package dev.penstock.apps.trace;

import java.util.Arrays;

/** The events of one connection, in columns of primitive values. */
final class TraceData {
    /** Lines of equal kind of content: {@code width} numbers each, the first the time. */
    static final class Table {
        private final int width;
        private long[] values = new long[1024];
        private int size;

        Table(int width) {
            this.width = width;
        }

        void add(long... row) {
            int at = size * width;
            if (at + width > values.length) {
                values = Arrays.copyOf(values, values.length * 2);
            }
            System.arraycopy(row, 0, values, at, width);
            size++;
        }

        int size() {
            return size;
        }

        long get(int row, int column) {
            return values[row * width + column];
        }
    }

    static final int TIME = 0;
    static final int KIND = 1;
    /** Segments and SACK blocks. */
    static final int SEQ = 2;

    static final int LENGTH = 3;
    static final int ACK = 4;
    static final int WINDOW = 5;
    /** Samples. */
    static final int CWND = 2;

    static final int SSTHRESH = 3;
    static final int PIPE = 4;
    static final int SRTT = 5;
    /** A number that the line does not tell. */
    static final long NONE = Long.MIN_VALUE;

    final int connection;
    /** {@code 192.0.2.1:5000 192.0.2.2:80}, empty if the trace does not tell. */
    String addresses = "";

    final Table segments = new Table(6);
    final Table samples = new Table(6);
    /** The file ends before the connection did. */
    boolean truncated;

    long firstNs = NONE;
    long lastNs;

    TraceData(int connection) {
        this.connection = connection;
    }

    TraceKind segmentKind(int row) {
        return KINDS[(int) segments.get(row, KIND)];
    }

    TraceKind sampleKind(int row) {
        return KINDS[(int) samples.get(row, KIND)];
    }

    private static final TraceKind[] KINDS = TraceKind.values();
}
