package dev.penstock.apps.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** From the path of a request to a file below the root, and never to one outside. Immutable; any thread. */
final class PathResolver {
    private final Path root;

    /** The root with its own symbolic links resolved, once. */
    PathResolver(Path root) throws IOException {
        this.root = root.toRealPath();
        if (!Files.isDirectory(this.root)) {
            throw new IOException("not a directory: " + root);
        }
    }

    /**
     * The decoded, normalized segments of a percent-encoded path.
     *
     * @throws HttpException 400 when it is malformed or climbs above the root
     */
    static List<String> segments(String rawPath) throws HttpException {
        List<String> out = new ArrayList<>();
        for (String raw : rawPath.split("/", -1)) {
            String segment = decode(raw);
            if (segment.equals("..")) {
                if (out.isEmpty()) {
                    throw new HttpException(400, "the path climbs above the root");
                }
                out.remove(out.size() - 1);
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                out.add(segment);
            }
        }
        return out;
    }

    /** Percent-decodes one segment as UTF-8; what would be a separator, or end a C string, is refused. */
    private static String decode(String raw) throws HttpException {
        ByteBuffer bytes = ByteBuffer.allocate(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            int value = c;
            if (c == '%') {
                int high = hexAt(raw, i + 1);
                int low = hexAt(raw, i + 2);
                if (high < 0 || low < 0) {
                    throw new HttpException(400, "a percent sign without two hexadecimal digits");
                }
                value = high << 4 | low;
                i += 2;
            }
            if (value < ' ' || value == 0x7f || value == '\\' || value == '/') {
                throw new HttpException(400, "the path holds a character that no file name here has");
            }
            bytes.put((byte) value);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes.flip())
                    .toString();
        } catch (CharacterCodingException e) {
            throw new HttpException(400, "the path is not UTF-8");
        }
    }

    private static int hexAt(String raw, int i) {
        return i < raw.length() ? hex(raw.charAt(i)) : -1;
    }

    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    /**
     * The real file, all symbolic links resolved.
     *
     * @throws HttpException 404 when there is none, or it lies outside the root; 403 when it cannot be looked up
     */
    Path resolve(List<String> segments) throws IOException {
        try {
            Path path = root;
            for (String segment : segments) {
                path = path.resolve(segment);
            }
            Path real = path.toRealPath();
            if (!real.startsWith(root)) {
                throw new HttpException(404, null);
            }
            return real;
        } catch (AccessDeniedException e) {
            throw new HttpException(403, null);
        } catch (FileSystemException | InvalidPathException e) {
            // Not there, a file where a directory should be, a loop of links, a name too long: all "not found".
            throw new HttpException(404, null);
        }
    }

    /** An encoded path of these segments that begins with one slash and never with two. */
    static String encode(List<String> segments) {
        StringBuilder out = new StringBuilder("/");
        for (int i = 0; i < segments.size(); i++) {
            out.append(i == 0 ? "" : "/").append(encode(segments.get(i)));
        }
        return out.toString();
    }

    /** One segment, percent-encoded but for the unreserved characters (RFC 3986, section 2.3). */
    static String encode(String segment) {
        StringBuilder out = new StringBuilder();
        for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xff;
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0) {
                out.append((char) c);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >>> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
        return out.toString();
    }
}
