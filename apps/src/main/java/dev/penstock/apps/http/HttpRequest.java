package dev.penstock.apps.http;

import java.io.InputStream;

/** One request, its header section parsed and checked. Used on its connection's thread, until the handler returns. */
public final class HttpRequest {
    private final RequestLine line;
    private final HttpHeaders headers;
    private final HttpBody body;
    private final String peer;

    HttpRequest(RequestLine line, HttpHeaders headers, HttpBody body, String peer) {
        this.line = line;
        this.headers = headers;
        this.body = body;
        this.peer = peer;
    }

    /** The method, case-sensitive. */
    public String method() {
        return line.method();
    }

    /** True for HEAD: the response has all header fields and no content. */
    public boolean isHead() {
        return line.method().equals("HEAD");
    }

    /** The request target as it came. */
    public String target() {
        return line.target();
    }

    /** The path of the target, still percent-encoded, without the query; "*" for the asterisk form. */
    public String rawPath() {
        return line.path();
    }

    /** The query of the target, still percent-encoded, or null. */
    public String rawQuery() {
        return line.query();
    }

    /** The minor version: 0 for HTTP/1.0, 1 and more for HTTP/1.1. */
    public int minorVersion() {
        return line.minor();
    }

    /** The header fields. */
    public HttpHeaders headers() {
        return headers;
    }

    /**
     * The content; empty when there is none. Reading it tells a client that waits for {@code 100 Continue} to go on.
     * A read fails with {@link HttpException} when the content is too large (413), too slow (408) or malformed (400).
     */
    public InputStream body() {
        return body;
    }

    /** Ends in 411 when the client declares no content at all (RFC 9110, section 15.5.12): for those that need one. */
    public void requireLength() throws HttpException {
        if (!body.isDeclared()) {
            throw new HttpException(411, "the request needs a Content-Length or a chunked content");
        }
    }

    /** The client's address. */
    public String peer() {
        return peer;
    }

    HttpBody httpBody() {
        return body;
    }

    /** RFC 9112, section 9.3: whether the client wants the connection to persist. */
    boolean wantsKeepAlive() {
        if (headers.hasToken("connection", "close")) {
            return false;
        }
        return line.minor() >= 1 || headers.hasToken("connection", "keep-alive");
    }
}
