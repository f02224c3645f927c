package dev.penstock.apps.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Serves the files below a directory: GET and HEAD, conditions, ranges, index.html, and listings. Thread-safe. Nothing
 * outside the directory is reachable, by dots, encodings or symbolic links.
 */
public final class FileHandler implements HttpHandler {
    /** RFC 9110, section 9.1, and RFC 5789: methods that exist but that files do not have. */
    private static final Set<String> OTHER_METHODS = Set.of("POST", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE");

    private static final String ALLOW = "GET, HEAD, OPTIONS";

    private final PathResolver resolver;
    private final InstantSource clock;

    /** Serves {@code root}, which must be a directory. */
    public FileHandler(Path root) throws IOException {
        this(root, InstantSource.system());
    }

    FileHandler(Path root, InstantSource clock) throws IOException {
        this.resolver = new PathResolver(root);
        this.clock = clock;
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws IOException {
        String method = request.method();
        if (method.equals("OPTIONS")) {
            response.header("Allow", ALLOW).send(204);
            return;
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            if (!OTHER_METHODS.contains(method)) {
                throw new HttpException(501, "no such method here");
            }
            // "The origin server MUST generate an Allow header field in a 405 response".
            response.header("Allow", ALLOW);
            throw new HttpException(405, null);
        }
        List<String> segments = PathResolver.segments(request.rawPath());
        boolean slash = request.rawPath().endsWith("/");
        Path path = resolver.resolve(segments);
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            directory(request, response, segments, path, slash);
        } else if (attributes.isRegularFile() && !slash) {
            file(request, response, path);
        } else {
            throw new HttpException(404, null);
        }
    }

    private void directory(HttpRequest request, HttpResponse response, List<String> segments, Path path, boolean slash)
            throws IOException {
        if (!slash) {
            // Built from the decoded segments: what the client sent cannot make it point to another host.
            String query = request.rawQuery() == null ? "" : "?" + request.rawQuery();
            response.header("Location", PathResolver.encode(segments) + "/" + query)
                    .send(301);
            return;
        }
        List<String> index = new ArrayList<>(segments);
        index.add("index.html");
        if (Files.isRegularFile(path.resolve("index.html"))) {
            file(request, response, resolver.resolve(index));
            return;
        }
        String title = segments.isEmpty() ? "/" : "/" + String.join("/", segments) + "/";
        byte[] page;
        try {
            page = DirectoryPage.render(path, title, segments.isEmpty());
        } catch (AccessDeniedException e) {
            throw new HttpException(403, null);
        }
        response.header("Cache-Control", "no-cache").header("X-Content-Type-Options", "nosniff");
        response.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
        response.send(200, "text/html; charset=utf-8", page);
    }

    private void file(HttpRequest request, HttpResponse response, Path path) throws IOException {
        // The real path was resolved: if its last part is a link by now, somebody has just put it there.
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            long size = file.size();
            Instant modified = attributes.lastModifiedTime().toInstant();
            String etag = etag(size, modified);
            response.header("ETag", etag)
                    .header("Last-Modified", HttpDates.format(modified.truncatedTo(ChronoUnit.SECONDS)))
                    .header("Accept-Ranges", "bytes");
            int verdict = Conditions.evaluate(request.headers(), etag, modified);
            if (verdict == Conditions.NOT_MODIFIED) {
                response.send(304);
                return;
            }
            if (verdict == Conditions.FAILED) {
                throw new HttpException(412, null);
            }
            String type = MimeTypes.of(path.getFileName().toString());
            // "A server MUST ignore a Range header field received with a request method that is unrecognized or for
            // which range handling is not defined. For this specification, GET is the only method".
            ByteRanges ranges = ByteRanges.IGNORED;
            if (!request.isHead() && Conditions.rangeHolds(request.headers(), etag, modified, clock.instant())) {
                ranges = ByteRanges.parse(request.headers().joined("range"), size);
            }
            if (ranges == ByteRanges.UNSATISFIABLE) {
                response.header("Content-Range", "bytes */" + size);
                throw new HttpException(416, null);
            }
            response.header("X-Content-Type-Options", "nosniff");
            switch (ranges.count()) {
                case 0 -> {
                    response.header("Content-Type", type).begin(200, size);
                    response.write(file, 0, size);
                }
                case 1 -> {
                    response.header("Content-Type", type).header("Content-Range", contentRange(ranges, 0, size));
                    response.begin(206, ranges.length(0));
                    response.write(file, ranges.first(0), ranges.length(0));
                }
                default -> multipart(response, file, ranges, size, type, etag);
            }
        } catch (NoSuchFileException e) {
            throw new HttpException(404, null);
        } catch (AccessDeniedException e) {
            throw new HttpException(403, null);
        }
    }

    /** RFC 9110, section 14.6: {@code multipart/byteranges}. */
    private static void multipart(
            HttpResponse response, FileChannel file, ByteRanges ranges, long size, String type, String etag)
            throws IOException {
        String boundary = "penstock-" + etag.substring(1, etag.length() - 1);
        byte[][] heads = new byte[ranges.count()][];
        long length = 0;
        for (int i = 0; i < heads.length; i++) {
            String head = "\r\n--" + boundary + "\r\nContent-Type: " + type + "\r\nContent-Range: "
                    + contentRange(ranges, i, size) + "\r\n\r\n";
            heads[i] = head.getBytes(StandardCharsets.ISO_8859_1);
            length += heads[i].length + ranges.length(i);
        }
        byte[] end = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.ISO_8859_1);
        response.header("Content-Type", "multipart/byteranges; boundary=" + boundary);
        response.begin(206, length + end.length);
        for (int i = 0; i < heads.length; i++) {
            response.write(heads[i], 0, heads[i].length);
            response.write(file, ranges.first(i), ranges.length(i));
        }
        response.write(end, 0, end.length);
    }

    private static String contentRange(ByteRanges ranges, int i, long size) {
        return "bytes " + ranges.first(i) + "-" + ranges.last(i) + "/" + size;
    }

    /** Strong: another size or another nanosecond of modification is another representation. */
    private static String etag(long size, Instant modified) {
        return "\"" + Long.toHexString(size) + "-" + Long.toHexString(modified.getEpochSecond()) + "."
                + Integer.toHexString(modified.getNano()) + "\"";
    }
}
