package dev.penstock.apps.http;

import java.io.IOException;

/** A request that ends in an error response. A handler may throw it until it has begun its response. */
public final class HttpException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final boolean fatal;

    private HttpException(int status, String detail, boolean fatal) {
        super(detail);
        this.status = status;
        this.fatal = fatal;
    }

    /** The request was understood, so the connection can go on after the response. */
    public HttpException(int status, String detail) {
        this(status, detail, false);
    }

    /** The end of the request is not known for sure: the connection closes after the response. */
    static HttpException fatal(int status, String detail) {
        return new HttpException(status, detail, true);
    }

    /** The status code, 4xx or 5xx. */
    public int status() {
        return status;
    }

    /** True when the connection cannot go on. */
    boolean isFatal() {
        return fatal;
    }

    /** Flow control, not a fault of the program: no stack trace is worth its cost. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
