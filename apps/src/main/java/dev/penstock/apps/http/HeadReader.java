package dev.penstock.apps.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Reads and checks the head of a request (RFC 9112, sections 2 to 6). Strict where leniency lets two programs in a row
 * see two different requests: each such request ends in 400 and a closed connection. One per connection, one thread.
 */
final class HeadReader {
    /** RFC 9112, section 2.2: "a server ... SHOULD ignore at least one empty line (CRLF) received prior". */
    private static final int EMPTY_LINES_IGNORED = 2;

    private final HttpInput in;
    private final HttpLimits limits;
    private final byte[] line;
    private int lineLength;

    HeadReader(HttpInput in, HttpLimits limits, byte[] line) {
        this.in = in;
        this.limits = limits;
        this.line = line;
    }

    /**
     * The next request, its content not yet read.
     *
     * @param beforeBody run when the content is first read, for {@code 100 Continue}
     * @return null when the client closed, or stayed idle, before a byte of it
     * @throws HttpException the response to send before closing
     */
    HttpRequest read(String peer, HttpBody.Continue beforeBody) throws IOException {
        in.expectWithin(limits.idleTimeout());
        try {
            if (!in.hasBuffered() && in.peek() < 0) {
                return null;
            }
        } catch (SocketTimeoutException e) {
            return null;
        }
        in.expectWithin(limits.headerTimeout());
        try {
            int empty = 0;
            while (readLine(limits.requestLine(), 414) == 0) {
                if (++empty > EMPTY_LINES_IGNORED) {
                    throw HttpException.fatal(400, "empty lines instead of a request");
                }
            }
            RequestLine request = RequestLine.parse(text(0, lineLength));
            HttpHeaders headers = new HttpHeaders();
            readFields(headers, limits.headerBytes());
            checkHost(request, headers);
            return new HttpRequest(request, headers, framing(request, headers, beforeBody), peer);
        } catch (SocketTimeoutException e) {
            throw HttpException.fatal(408, "the request took too long");
        }
    }

    /** Reads fields up to and including the empty line. */
    void readFields(HttpHeaders into, int budget) throws IOException {
        int left = budget;
        while (true) {
            int n = readLine(left, 431);
            if (n == 0) {
                return;
            }
            left -= n + 2;
            if (into.size() == limits.headerCount() || left <= 0) {
                throw HttpException.fatal(431, "too many header fields");
            }
            field(into);
        }
    }

    private void field(HttpHeaders into) throws HttpException {
        // "A sender MUST NOT generate a message that includes line folding"; "a server that receives an obs-fold in a
        // request message ... MUST either reject the message by sending a 400 ...".
        if (line[0] == ' ' || line[0] == '\t') {
            throw HttpException.fatal(400, "a header line begins with white space");
        }
        int colon = 0;
        while (colon < lineLength && HttpHeaders.isTokenChar(line[colon] & 0xff)) {
            colon++;
        }
        // "A server MUST reject, with a response status code of 400 (Bad Request), any received request message that
        // contains whitespace between a header field name and colon."
        if (colon == 0 || colon == lineLength || line[colon] != ':') {
            throw HttpException.fatal(400, "a header line is not 'Name: value'");
        }
        int from = colon + 1;
        int to = lineLength;
        while (from < to && isBlank(line[from])) {
            from++;
        }
        while (to > from && isBlank(line[to - 1])) {
            to--;
        }
        String value = text(from, to);
        if (!HttpHeaders.isFieldValue(value)) {
            throw HttpException.fatal(400, "a header field holds a control character");
        }
        into.add(text(0, colon), value);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private String text(int from, int to) {
        return new String(line, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Reads a line into {@link #line} and answers its length, without the CRLF that must end it. */
    private int readLine(int limit, int statusBeyond) throws IOException {
        lineLength = 0;
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw HttpException.fatal(400, "the request ends in the middle");
            }
            if (b == '\n') {
                throw HttpException.fatal(400, "a line ends without a carriage return");
            }
            if (b == '\r') {
                if (in.read() != '\n') {
                    throw HttpException.fatal(400, "a carriage return in the middle of a line");
                }
                return lineLength;
            }
            if (lineLength >= limit) {
                throw HttpException.fatal(statusBeyond, "the line is longer than " + limit + " bytes");
            }
            line[lineLength++] = (byte) b;
        }
    }

    private static void checkHost(RequestLine request, HttpHeaders headers) throws HttpException {
        int hosts = headers.count("host");
        // "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host
        // header field and to any request message that contains more than one Host header field line or a Host header
        // field with an invalid field value."
        if (hosts > 1 || (hosts == 0 && request.minor() >= 1)) {
            throw HttpException.fatal(400, hosts == 0 ? "no Host header field" : "more than one Host header field");
        }
        if (hosts == 1) {
            RequestLine.checkedAuthority(headers.get("host"));
        }
    }

    /** RFC 9112, section 6.3: where the content ends. */
    private HttpBody framing(RequestLine request, HttpHeaders headers, HttpBody.Continue beforeBody)
            throws HttpException {
        int lengths = headers.count("content-length");
        String coding = headers.joined("transfer-encoding");
        boolean awaitsContinue = expectation(request, headers);
        if (coding != null) {
            // "A server or client that receives an HTTP/1.0 message containing a Transfer-Encoding header field MUST
            // treat the message as if the framing is faulty".
            if (lengths > 0 || request.minor() == 0) {
                throw HttpException.fatal(400, "Transfer-Encoding where it must not be");
            }
            checkCoding(coding);
            return new HttpBody(in, this, limits, HttpBody.CHUNKED, awaitsContinue ? beforeBody : null);
        }
        if (lengths == 0) {
            return new HttpBody(in, this, limits, HttpBody.NONE, null);
        }
        if (lengths > 1) {
            throw HttpException.fatal(400, "more than one Content-Length");
        }
        long length = contentLength(headers.get("content-length"));
        return new HttpBody(in, this, limits, length, awaitsContinue ? beforeBody : null);
    }

    private static void checkCoding(String coding) throws HttpException {
        String[] codings = coding.toLowerCase(Locale.ROOT).split(",", -1);
        for (int i = 0; i < codings.length - 1; i++) {
            if (codings[i].strip().equals("chunked")) {
                throw HttpException.fatal(400, "chunked is not the last transfer coding");
            }
        }
        // "If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the final
        // encoding, the message body length cannot be determined reliably; the server MUST respond with the 400".
        if (!codings[codings.length - 1].strip().equals("chunked")) {
            throw HttpException.fatal(400, "the transfer coding does not end in chunked");
        }
        if (codings.length > 1) {
            throw HttpException.fatal(501, "the only transfer coding here is chunked");
        }
    }

    private long contentLength(String text) throws HttpException {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw HttpException.fatal(400, "Content-Length is not a number");
            }
            length = Math.min(length, Long.MAX_VALUE / 10 - 1) * 10 + digit;
        }
        if (text.isEmpty()) {
            throw HttpException.fatal(400, "Content-Length is not a number");
        }
        if (length > limits.body()) {
            throw HttpException.fatal(413, "the content is larger than " + limits.body() + " bytes");
        }
        return length;
    }

    private static boolean expectation(RequestLine request, HttpHeaders headers) throws HttpException {
        String expect = headers.joined("expect");
        // "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation."
        if (expect == null || request.minor() == 0) {
            return false;
        }
        if (!expect.equalsIgnoreCase("100-continue")) {
            throw HttpException.fatal(417, "the only expectation met here is 100-continue");
        }
        return true;
    }
}
