package dev.penstock.apps.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * The response to one request. Set header fields, then {@link #send}, or {@link #begin} followed by pieces of content.
 * Used on the connection's thread.
 */
public final class HttpResponse {
    /** For {@link #begin}: the length is not known; chunked, or up to the end of the connection for HTTP/1.0. */
    public static final long UNKNOWN = -1;

    private final HttpOutput out;
    private final HttpRequest request;
    private final String date;
    private final HttpHeaders headers = new HttpHeaders();
    private boolean keepAlive;
    private int status;
    private boolean content;
    private boolean chunked;
    private long left;
    private long sent;

    /**
     * @param request null when it could not be read
     * @param keepAlive whether the connection may go on
     */
    HttpResponse(HttpOutput out, HttpRequest request, String date, boolean keepAlive) {
        this.out = out;
        this.request = request;
        this.date = date;
        this.keepAlive = keepAlive;
    }

    /** Adds a header field. Content-Length, Transfer-Encoding, Connection, Date and Server are this class's own. */
    public HttpResponse header(String name, String value) {
        headers.add(name, value);
        return this;
    }

    /** Sends a whole response with this content. */
    public void send(int code, String contentType, byte[] body) throws IOException {
        header("Content-Type", contentType);
        begin(code, body.length);
        write(body, 0, body.length);
    }

    /** Sends a whole response without content. */
    public void send(int code) throws IOException {
        begin(code, 0);
    }

    /**
     * Sends the head.
     *
     * @param length of the content in bytes, or {@link #UNKNOWN}; for HEAD, what GET would have sent
     */
    public void begin(int code, long length) throws IOException {
        if (status != 0) {
            throw new IllegalStateException("the response has begun");
        }
        status = code;
        boolean old = request == null || request.minorVersion() == 0;
        content = HttpStatus.hasContent(code) && (request == null || !request.isHead());
        chunked = content && length == UNKNOWN && !old;
        if (length == UNKNOWN && !chunked && content) {
            keepAlive = false;
        }
        left = length == UNKNOWN ? Long.MAX_VALUE : length;
        StringBuilder head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(code).append(' ').append(HttpStatus.reason(code));
        head.append("\r\nDate: ").append(date).append("\r\nServer: penstock\r\n");
        for (int i = 0; i < headers.size(); i++) {
            head.append(headers.name(i)).append(": ").append(headers.value(i)).append("\r\n");
        }
        if (HttpStatus.hasContent(code) && length != UNKNOWN) {
            head.append("Content-Length: ").append(length).append("\r\n");
        } else if (chunked) {
            head.append("Transfer-Encoding: chunked\r\n");
        }
        if (!keepAlive) {
            head.append("Connection: close\r\n");
        } else if (old) {
            head.append("Connection: keep-alive\r\n");
        }
        out.text(head.append("\r\n").toString());
    }

    /** Appends content. Ignored where the response has none, as for HEAD. */
    public void write(byte[] from, int offset, int length) throws IOException {
        if (!content || length == 0) {
            return;
        }
        take(length);
        if (chunked) {
            out.text(Integer.toHexString(length) + "\r\n");
        }
        out.bytes(from, offset, length);
        if (chunked) {
            out.text("\r\n");
        }
    }

    /** Appends a part of a file as content; a file that became shorter breaks the connection. */
    void write(FileChannel file, long position, long count) throws IOException {
        if (!content || count == 0) {
            return;
        }
        if (chunked) {
            throw new IllegalStateException("files have a length");
        }
        take(count);
        out.file(file, position, count);
    }

    private void take(long length) {
        if (status == 0 || length > left) {
            throw new IllegalStateException("more content than was announced");
        }
        left -= length;
        sent += length;
    }

    /** True once the status line is out: it is too late for an error response. */
    public boolean isBegun() {
        return status != 0;
    }

    /** Ends the content. False when less was written than announced: the connection must not go on. */
    boolean finish() throws IOException {
        if (chunked) {
            out.text("0\r\n\r\n");
            return true;
        }
        return !content || left == 0 || left == Long.MAX_VALUE - sent;
    }

    /** Sends a short page for an error. */
    void error(int code, String detail) throws IOException {
        String line = code + " " + HttpStatus.reason(code) + (detail == null ? "" : ": " + detail) + "\n";
        send(code, "text/plain; charset=utf-8", line.getBytes(StandardCharsets.UTF_8));
    }

    /** The connection closes after this response. */
    void closeAfter() {
        keepAlive = false;
    }

    boolean isKeepAlive() {
        return keepAlive;
    }

    int status() {
        return status;
    }

    /** Bytes of content sent. */
    long contentSent() {
        return sent;
    }
}
