package dev.penstock.apps.http;

/**
 * Every bound of the server. Sizes in bytes, times in milliseconds. The defaults fit a public file server.
 *
 * @param requestLine the longest request line; beyond it 414
 * @param headerBytes the longest header section, and trailer section; beyond it 431
 * @param headerCount the most header fields; beyond it 431
 * @param body the largest content of a request; beyond it 413
 * @param drain how much of a content nobody read is skipped to keep the connection; beyond it the connection closes
 * @param headerTimeout from the first byte of a request to the end of its header section; beyond it 408
 * @param idleTimeout between two requests; beyond it the connection closes
 * @param bodyTimeout between two pieces of a request's content; beyond it 408
 * @param writeTimeout for each 64 KiB of a response; beyond it the connection is reset
 * @param connections the most connections at once; beyond it 503
 * @param requestsPerConnection after so many the connection closes
 */
public record HttpLimits(
        int requestLine,
        int headerBytes,
        int headerCount,
        long body,
        long drain,
        int headerTimeout,
        int idleTimeout,
        int bodyTimeout,
        int writeTimeout,
        int connections,
        int requestsPerConnection) {

    /** The defaults. */
    public static final HttpLimits DEFAULT =
            new HttpLimits(8 << 10, 32 << 10, 100, 1L << 30, 256 << 10, 10_000, 30_000, 10_000, 30_000, 512, 100_000);

    /** Checks that each is positive. */
    public HttpLimits {
        if (requestLine < 16
                || headerBytes < 16
                || headerCount < 1
                || body < 0
                || drain < 0
                || headerTimeout < 1
                || idleTimeout < 1
                || bodyTimeout < 1
                || writeTimeout < 1
                || connections < 1
                || requestsPerConnection < 1) {
            throw new IllegalArgumentException("a limit is not positive");
        }
    }

    /** The same with another bound of connections. */
    public HttpLimits withConnections(int most) {
        return new HttpLimits(
                requestLine,
                headerBytes,
                headerCount,
                body,
                drain,
                headerTimeout,
                idleTimeout,
                bodyTimeout,
                writeTimeout,
                most,
                requestsPerConnection);
    }

    /** The same with other times. */
    public HttpLimits withTimeouts(int header, int idle, int bodyPiece, int write) {
        return new HttpLimits(
                requestLine,
                headerBytes,
                headerCount,
                body,
                drain,
                header,
                idle,
                bodyPiece,
                write,
                connections,
                requestsPerConnection);
    }

    /** The same with other bounds for contents and for requests on one connection. */
    public HttpLimits withBounds(long largestBody, long largestDrain, int requests) {
        return new HttpLimits(
                requestLine,
                headerBytes,
                headerCount,
                largestBody,
                largestDrain,
                headerTimeout,
                idleTimeout,
                bodyTimeout,
                writeTimeout,
                connections,
                requests);
    }
}
