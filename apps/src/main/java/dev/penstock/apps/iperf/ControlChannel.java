package dev.penstock.apps.iperf;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What is said on the control connection, either way: single bytes, each a state, and JSON texts behind four bytes of length, most
 * significant first. The reader says which of both it expects. Shard thread.
 */
final class ControlChannel {
    /** 36 characters that name the test, and a zero. */
    static final int COOKIE = 37;
    /** The longest text that is taken. iperf3's results have some 250 bytes a stream. */
    static final int MAX_TEXT = 256 << 10;

    private static final String COOKIE_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    private final TcpConnection connection;
    private byte[] text;
    private int textLength = -1;
    private int have;

    ControlChannel(TcpConnection connection) {
        this.connection = connection;
    }

    TcpConnection connection() {
        return connection;
    }

    static byte[] newCookie(LongSupplier random) {
        byte[] cookie = new byte[COOKIE];
        long bits = 0;
        for (int i = 0; i < COOKIE - 1; i++) {
            bits = i % 12 == 0 ? random.getAsLong() : bits >>> 5;
            cookie[i] = (byte) COOKIE_ALPHABET.charAt((int) (bits & 31));
        }
        return cookie;
    }

    /** Messages are short and follow each other: with Nagle's algorithm the second waits 40 ms for the first one's acknowledgment. */
    static TcpOptions options() {
        TcpOptions options = new TcpOptions();
        options.noDelay = true;
        return options;
    }

    /** False, and the connection reset, when the peer does not read: no message is half sent. */
    boolean send(byte[] data, long nowNs) {
        int n = connection.write(new UnsafeBuffer(data), 0, data.length, nowNs);
        if (n < data.length) {
            connection.abort(nowNs);
        }
        return n == data.length;
    }

    boolean send(IperfState state, long nowNs) {
        return send(new byte[] {state.code()}, nowNs);
    }

    boolean send(JsonObject json, long nowNs) {
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        return send(
                ByteBuffer.allocate(4 + bytes.length)
                        .putInt(bytes.length)
                        .put(bytes)
                        .array(),
                nowNs);
    }

    /** One byte, or {@link #NOTHING} when there is none yet. */
    int readByte(long nowNs) {
        byte[] one = new byte[1];
        if (connection.receiveQueue().read(one, 0, 1) != 1) {
            return NOTHING;
        }
        connection.dataRead(nowNs);
        return one[0];
    }

    /** {@link #readByte}: no byte is there. */
    static final int NOTHING = -1000;

    /**
     * A whole JSON object, or null when it is not all there yet.
     *
     * @throws IllegalArgumentException when it is too long, or no JSON object
     */
    JsonObject readJson(long nowNs) {
        if (textLength < 0 && !readLength(nowNs)) {
            return null;
        }
        int n = connection.receiveQueue().read(text, have, textLength - have);
        if (n > 0) {
            have += n;
            connection.dataRead(nowNs);
        }
        if (have < textLength) {
            return null;
        }
        String whole = new String(text, 0, textLength, StandardCharsets.UTF_8);
        text = null;
        textLength = -1;
        have = 0;
        try {
            JsonElement element = JsonParser.parseString(whole);
            if (element.isJsonObject()) {
                return element.getAsJsonObject();
            }
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("no JSON: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("not a JSON object");
    }

    private boolean readLength(long nowNs) {
        if (connection.receiveQueue().size() < 4) {
            return false;
        }
        byte[] four = new byte[4];
        connection.receiveQueue().read(four, 0, 4);
        connection.dataRead(nowNs);
        int length = ByteBuffer.wrap(four).getInt();
        if (length < 2 || length > MAX_TEXT) {
            throw new IllegalArgumentException("a text of " + Integer.toUnsignedString(length) + " bytes");
        }
        textLength = length;
        text = new byte[length];
        return true;
    }
}
