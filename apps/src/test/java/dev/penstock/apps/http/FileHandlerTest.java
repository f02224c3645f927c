package dev.penstock.apps.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileHandlerTest {
    private static final String TEXT = "0123456789abcdefghij";
    private static final String MODIFIED = "Sun, 01 Nov 2026 10:20:30 GMT";

    @TempDir
    Path temp;

    private Path root;
    private FileHandler handler;

    @BeforeEach
    void makeFiles() throws IOException {
        root = Files.createDirectory(temp.resolve("root"));
        Path text = Files.writeString(root.resolve("a.txt"), TEXT);
        Files.setLastModifiedTime(text, FileTime.from(Instant.parse("2026-11-01T10:20:30.5Z")));
        Files.createDirectories(root.resolve("sub/deep"));
        Files.writeString(root.resolve("sub/<b> & \"c\".html"), "<p>");
        Files.createDirectory(root.resolve("home"));
        Files.writeString(root.resolve("home/index.html"), "<p>home");
        Files.writeString(temp.resolve("secret"), "secret");
        Files.writeString(Files.createDirectory(temp.resolve("root-2")).resolve("x"), "secret");
        Files.createSymbolicLink(root.resolve("out"), temp.resolve("secret"));
        Files.createSymbolicLink(root.resolve("up"), temp);
        Files.createSymbolicLink(root.resolve("in"), Path.of("a.txt"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        Files.createDirectory(root.resolve("trap"));
        Files.createSymbolicLink(root.resolve("trap/index.html"), temp.resolve("secret"));
        handler = new FileHandler(root, InstantSource.fixed(Exchange.NOW));
    }

    private String get(String target, String... fields) {
        return ask("GET", target, fields);
    }

    private String ask(String method, String target, String... fields) {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: a\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        return Exchange.answer(handler, request + "\r\n");
    }

    private static String field(String response, String name) {
        for (String line : response.substring(0, response.indexOf("\r\n\r\n")).split("\r\n", -1)) {
            if (line.startsWith(name + ": ")) {
                return line.substring(name.length() + 2);
            }
        }
        return null;
    }

    @Test
    void servesAFile() {
        String response = get("/a.txt?query");
        assertEquals(200, Exchange.status(response));
        assertEquals(TEXT, Exchange.content(response));
        assertEquals("20", field(response, "Content-Length"));
        assertEquals("text/plain; charset=utf-8", field(response, "Content-Type"));
        assertEquals(MODIFIED, field(response, "Last-Modified"));
        assertEquals("Sun, 22 Nov 2026 07:00:00 GMT", field(response, "Date"));
        assertEquals("bytes", field(response, "Accept-Ranges"));
        assertTrue(field(response, "ETag").matches("\"[^\"]+\""), response);
    }

    @Test
    void headHasTheFieldsOfGetAndNoContent() {
        String get = get("/a.txt");
        String head = ask("HEAD", "/a.txt");
        assertEquals(get.substring(0, get.length() - TEXT.length()), head);
        assertEquals(404, Exchange.status(ask("HEAD", "/none")));
        assertEquals("", Exchange.content(ask("HEAD", "/none")));
        assertEquals("", Exchange.content(ask("HEAD", "/sub/")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret",
                "/%2e%2e/secret",
                "/%2E./secret",
                "/sub/../../secret",
                "/..%2fsecret",
                "/..%5csecret",
                "/..\\secret",
                "/sub/%2e%2e/%2e%2e/secret",
                "/a.txt%00.html",
                "/%00",
                "/%zz",
                "/%",
                "/%4",
                "/%c0%ae%c0%ae/secret",
                "/%ff",
                "/sub%2fdeep/",
                "/../root-2/x",
                "//../secret",
                "/./../secret",
                "/a%0d%0aX:y"
            })
    void refusesPathsThatLeaveOrAreMalformed(String target) {
        String response = get(target);
        assertEquals(400, Exchange.status(response), response);
        assertFalse(Exchange.content(response).contains("secret"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/out",
                "/up/secret",
                "/up/",
                "/up/root-2/x",
                "/loop",
                "/none",
                "/a.txt/",
                "/a.txt/x",
                "/trap/",
                "/etc/passwd",
                "//etc/passwd",
                "/sub/none/"
            })
    void findsNothingThere(String target) {
        String response = get(target);
        assertEquals(404, Exchange.status(response), response);
        assertFalse(Exchange.content(response).contains("secret"));
    }

    @Test
    void survivesNamesThatNoFileSystemTakes() {
        assertEquals(404, Exchange.status(get("/" + "x".repeat(5000))));
        assertEquals(404, Exchange.status(get("/" + "x/".repeat(4000))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/in", "/sub/../a.txt", "/./a.txt", "//a.txt", "/%61.txt", "http://a/a.txt"})
    void findsTheFileByOtherNames(String target) {
        assertEquals(TEXT, Exchange.content(get(target)));
    }

    @Test
    void neverOpensWhatIsNoRegularFile() throws Exception {
        Path fifo = root.resolve("fifo");
        Process made = new ProcessBuilder("mkfifo", fifo.toString()).start();
        assertEquals(0, made.waitFor());
        assertEquals(404, Exchange.status(get("/fifo")));
    }

    @Test
    void redirectsToTheSlashWithinThisHost() {
        assertEquals("/sub/", field(get("/sub"), "Location"));
        assertEquals("/sub/?x=1", field(get("/sub?x=1"), "Location"));
        assertEquals("/sub/deep/", field(get("//sub/./deep"), "Location"));
        assertEquals(301, Exchange.status(get("//sub")));
    }

    @Test
    void listsADirectoryWithEscapedNames() throws IOException {
        Files.createDirectory(root.resolve("sub/a:b"));
        String page = Exchange.content(get("/sub/"));
        assertTrue(page.contains("<title>Index of /sub/</title>"), page);
        assertTrue(
                page.contains("<a href=\"./%3Cb%3E%20%26%20%22c%22.html\">&lt;b&gt; &amp; &quot;c&quot;.html</a>"),
                page);
        assertTrue(page.contains("<a href=\"./a%3Ab/\">a:b/</a>"), page);
        assertTrue(page.contains("<a href=\"../\">"), page);
        assertFalse(page.contains("<b>"), page);
        assertFalse(Exchange.content(get("/")).contains("\"../\""));
    }

    @Test
    void servesTheIndexOfADirectory() {
        assertEquals("<p>home", Exchange.content(get("/home/")));
        assertEquals("text/html; charset=utf-8", field(get("/home/"), "Content-Type"));
    }

    @Test
    void answersOtherMethods() {
        assertEquals("GET, HEAD, OPTIONS", field(ask("POST", "/a.txt", "Content-Length: 0"), "Allow"));
        assertEquals(405, Exchange.status(ask("DELETE", "/a.txt")));
        assertEquals(501, Exchange.status(ask("BREW", "/a.txt")));
        assertEquals(501, Exchange.status(ask("get", "/a.txt")));
        assertEquals(204, Exchange.status(ask("OPTIONS", "*")));
        assertEquals(405, Exchange.status(ask("CONNECT", "example.org:80")));
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-3, 0123, bytes 0-3/20",
        "bytes=-3, hij, bytes 17-19/20",
        "bytes=18-, ij, bytes 18-19/20",
        "bytes=5-5, 5, bytes 5-5/20"
    })
    void servesARange(String range, String content, String contentRange) {
        String response = get("/a.txt", "Range: " + range);
        assertEquals(206, Exchange.status(response));
        assertEquals(content, Exchange.content(response));
        assertEquals(contentRange, field(response, "Content-Range"));
        assertEquals(String.valueOf(content.length()), field(response, "Content-Length"));
    }

    @Test
    void servesSeveralRanges() {
        String response = get("/a.txt", "Range: bytes=0-1,-2");
        assertEquals(206, Exchange.status(response));
        String type = field(response, "Content-Type");
        assertTrue(type.startsWith("multipart/byteranges; boundary="), type);
        String boundary = type.substring(type.indexOf('=') + 1);
        String head = "\r\n--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ";
        String content = Exchange.content(response);
        assertEquals(head + "0-1/20\r\n\r\n01" + head + "18-19/20\r\n\r\nij\r\n--" + boundary + "--\r\n", content);
        assertEquals(String.valueOf(content.length()), field(response, "Content-Length"));
    }

    @Test
    void saysWhenARangeCannotBe() {
        String response = get("/a.txt", "Range: bytes=20-");
        assertEquals(416, Exchange.status(response));
        assertEquals("bytes */20", field(response, "Content-Range"));
        assertEquals(200, Exchange.status(get("/a.txt", "Range: bytes=9-2")));
        assertEquals(200, Exchange.status(ask("HEAD", "/a.txt", "Range: bytes=0-1")));
    }

    @Test
    void honoursARangeOnlyOfTheSameRepresentation() {
        String etag = field(get("/a.txt"), "ETag");
        assertEquals(206, Exchange.status(get("/a.txt", "Range: bytes=0-1", "If-Range: " + etag)));
        assertEquals(200, Exchange.status(get("/a.txt", "Range: bytes=0-1", "If-Range: \"other\"")));
        assertEquals(200, Exchange.status(get("/a.txt", "Range: bytes=0-1", "If-Range: W/" + etag)));
        assertEquals(206, Exchange.status(get("/a.txt", "Range: bytes=0-1", "If-Range: " + MODIFIED)));
        assertEquals(
                200, Exchange.status(get("/a.txt", "Range: bytes=0-1", "If-Range: Sun, 01 Nov 2026 10:20:31 GMT")));
        assertEquals(200, Exchange.status(get("/a.txt", "Range: bytes=50-", "If-Range: \"other\"")));
    }

    @Test
    void answersConditions() {
        String etag = field(get("/a.txt"), "ETag");
        String response = get("/a.txt", "If-None-Match: \"x\", W/" + etag);
        assertEquals(304, Exchange.status(response));
        assertEquals("", Exchange.content(response));
        assertEquals(etag, field(response, "ETag"));
        assertEquals(null, field(response, "Content-Length"));
        assertEquals(304, Exchange.status(get("/a.txt", "If-None-Match: *")));
        assertEquals(200, Exchange.status(get("/a.txt", "If-None-Match: \"x\"")));
        assertEquals(304, Exchange.status(get("/a.txt", "If-Modified-Since: " + MODIFIED)));
        assertEquals(304, Exchange.status(get("/a.txt", "If-Modified-Since: Sunday, 01-Nov-26 10:20:30 GMT")));
        assertEquals(304, Exchange.status(get("/a.txt", "If-Modified-Since: Sun Nov  1 10:20:30 2026")));
        assertEquals(200, Exchange.status(get("/a.txt", "If-Modified-Since: Sun, 01 Nov 2026 10:20:29 GMT")));
        assertEquals(200, Exchange.status(get("/a.txt", "If-Modified-Since: yesterday")));
        assertEquals(200, Exchange.status(get("/a.txt", "If-None-Match: \"x\"", "If-Modified-Since: " + MODIFIED)));
        assertEquals(412, Exchange.status(get("/a.txt", "If-Match: \"x\"")));
        assertEquals(412, Exchange.status(get("/a.txt", "If-Match: W/" + etag)));
        assertEquals(200, Exchange.status(get("/a.txt", "If-Match: \"x\" , " + etag)));
        assertEquals(412, Exchange.status(get("/a.txt", "If-Unmodified-Since: Sun, 01 Nov 2026 10:20:29 GMT")));
        assertEquals(200, Exchange.status(get("/a.txt", "If-Unmodified-Since: " + MODIFIED)));
    }

    @Test
    void anotherContentIsAnotherTag() throws IOException {
        String before = field(get("/a.txt"), "ETag");
        Files.setLastModifiedTime(root.resolve("a.txt"), FileTime.from(Instant.parse("2026-11-01T10:20:30.6Z")));
        assertFalse(before.equals(field(get("/a.txt"), "ETag")));
    }

    @Test
    void servesAnEmptyFile() throws IOException {
        Files.createFile(root.resolve("empty"));
        assertEquals(200, Exchange.status(get("/empty")));
        assertEquals("0", field(get("/empty"), "Content-Length"));
        assertEquals(416, Exchange.status(get("/empty", "Range: bytes=0-")));
    }

    @Test
    void servesNamesOutsideAscii() throws IOException {
        String name = "größe.txt";
        try {
            Files.writeString(root.resolve(name), "big");
        } catch (java.nio.file.InvalidPathException e) {
            // This JVM was started in a locale without such names; then they cannot exist for it either.
            assertEquals(404, Exchange.status(get("/gr%C3%B6%C3%9Fe.txt")));
            return;
        }
        assertEquals("big", Exchange.content(get("/gr%C3%B6%C3%9Fe.txt")));
        String page =
                new String(Exchange.content(get("/")).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        assertTrue(page.contains("<a href=\"./gr%C3%B6%C3%9Fe.txt\">" + name + "</a>"), page);
    }
}
