package dev.penstock.apps.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.LongConsumer;

/** The smallest HTTP client that fetches one file, for where there is no curl. */
final class Fetch {
    private static final int MOST_HEAD = 8192;
    private static final int BUFFER = 256 << 10;

    private Fetch() {}

    /**
     * Fetches {@code path} over a connection and writes the content into {@code sink}.
     *
     * @param progress told of the bytes so far
     * @return how many bytes there were
     */
    static long get(
            InputStream in, OutputStream out, String host, String path, OutputStream sink, LongConsumer progress)
            throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
        out.write(request.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        String head = head(in);
        if (!head.startsWith("HTTP/1.1 200 ")) {
            throw new IOException(
                    "the server answered: " + head.lines().findFirst().orElse("nothing"));
        }
        long length = contentLength(head);
        byte[] buffer = new byte[BUFFER];
        long done = 0;
        while (done < length) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, length - done));
            if (n < 0) {
                throw new IOException("the connection ended after " + done + " of " + length + " bytes");
            }
            sink.write(buffer, 0, n);
            done += n;
            progress.accept(done);
        }
        return done;
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int newlines = 0;
        while (newlines < 2) {
            int b = in.read();
            if (b < 0 || head.size() == MOST_HEAD) {
                throw new IOException("the answer has no end of its header section");
            }
            head.write(b);
            newlines = b == '\n' ? newlines + 1 : b == '\r' ? newlines : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static long contentLength(String head) throws IOException {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\ncontent-length:");
        if (at < 0) {
            throw new IOException("the answer has no Content-Length");
        }
        String value = lower.substring(at + 17, lower.indexOf('\r', at + 2)).strip();
        return Long.parseLong(value);
    }
}
