package dev.penstock.apps.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;

/** The content of a request: by its length, or chunked (RFC 9112, section 7.1). One thread. */
final class HttpBody extends InputStream {
    /** No content was declared. */
    static final long NONE = -1;
    /** The length is in the chunks. */
    static final long CHUNKED = -2;

    private static final int MAX_EXTENSION = 1024;

    /** Sends the interim response that a client waits for. */
    @FunctionalInterface
    interface Continue {
        void send() throws IOException;
    }

    private final HttpInput in;
    private final HeadReader fields;
    private final HttpLimits limits;
    private final boolean declared;
    private final boolean chunked;
    private Continue beforeRead;
    private boolean draining;
    private boolean finished;
    private boolean firstChunk = true;
    private long left;
    private long total;

    HttpBody(HttpInput in, HeadReader fields, HttpLimits limits, long length, Continue beforeRead) {
        this.in = in;
        this.fields = fields;
        this.limits = limits;
        this.declared = length != NONE;
        this.chunked = length == CHUNKED;
        this.left = Math.max(length, 0);
        this.finished = !chunked && left == 0;
        this.beforeRead = finished ? null : beforeRead;
    }

    /** True when the request says how long its content is, be it empty. */
    boolean isDeclared() {
        return declared;
    }

    /** True when nothing of it is left on the connection. */
    boolean isFinished() {
        return finished;
    }

    /** True while the client holds the content back until it is asked for it. */
    boolean isHeldBack() {
        return beforeRead != null;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (finished) {
            return -1;
        }
        if (beforeRead != null) {
            beforeRead.send();
            beforeRead = null;
        }
        if (!draining) {
            in.expectWithin(limits.bodyTimeout());
        }
        try {
            if (left == 0 && !nextChunk()) {
                finished = true;
                return -1;
            }
            int n = in.read(into, offset, (int) Math.min(length, left));
            if (n < 0) {
                throw HttpException.fatal(400, "the content ends in the middle");
            }
            left -= n;
            finished = left == 0 && !chunked;
            return n;
        } catch (SocketTimeoutException e) {
            throw HttpException.fatal(408, "the content took too long");
        }
    }

    /** {@code chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF}; false at the last. */
    private boolean nextChunk() throws IOException {
        if (!firstChunk) {
            expect('\r');
            expect('\n');
        }
        firstChunk = false;
        long size = chunkSize();
        total += size;
        if (total > limits.body()) {
            throw HttpException.fatal(413, "the content is larger than " + limits.body() + " bytes");
        }
        if (size == 0) {
            fields.readFields(new HttpHeaders(), limits.headerBytes());
            return false;
        }
        left = size;
        return true;
    }

    private long chunkSize() throws IOException {
        long size = 0;
        int digits = 0;
        int b = in.read();
        for (int digit = hex(b); digit >= 0; digit = hex(b)) {
            if (++digits > 15) {
                throw HttpException.fatal(413, "a chunk is too large");
            }
            size = size << 4 | digit;
            b = in.read();
        }
        if (digits == 0) {
            throw HttpException.fatal(400, "a chunk without a size");
        }
        // "A recipient MUST ignore unrecognized chunk extensions. A server ought to limit the total length of chunk
        // extensions received in a request".
        if (b == ';') {
            int length = 0;
            while (b != '\r') {
                if (b < 0 || (b < ' ' && b != '\t') || b == 0x7f || ++length > MAX_EXTENSION) {
                    throw HttpException.fatal(400, "a bad chunk extension");
                }
                b = in.read();
            }
        }
        if (b != '\r') {
            throw HttpException.fatal(400, "a bad chunk size");
        }
        expect('\n');
        return size;
    }

    private static int hex(int b) {
        return b < 0x80 ? Character.digit(b, 16) : -1;
    }

    private void expect(int wanted) throws IOException {
        if (in.read() != wanted) {
            throw HttpException.fatal(400, "a chunk without its line end");
        }
    }

    /**
     * Skips what nobody read, so that the next request can be.
     *
     * @return false when that is not worth it: too much is left, or the client holds it back
     */
    boolean drain() throws IOException {
        if (finished) {
            return true;
        }
        if (beforeRead != null || (!chunked && left > limits.drain())) {
            return false;
        }
        // One deadline for all of it: a byte now and then must not keep the connection.
        draining = true;
        in.expectWithin(limits.bodyTimeout());
        byte[] sink = new byte[4096];
        long skipped = 0;
        while (skipped <= limits.drain()) {
            int n = read(sink, 0, sink.length);
            if (n < 0) {
                return true;
            }
            skipped += n;
        }
        return false;
    }
}
