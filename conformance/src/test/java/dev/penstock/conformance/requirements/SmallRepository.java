package dev.penstock.conformance.requirements;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/** A repository of two modules and one list, in which a test breaks what it wants to see found. */
final class SmallRepository {
    private final Path root;
    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();

    SmallRepository(Path root) throws IOException {
        this.root = root;
        list(row("MUST-1", "MUST", "3.1", "PingTest#pings", ""), row("MAY-2", "MAY", "B.1", "", "not done: too new."));
        properties("rfc1.title = Ping", "rfc1.source = appendix A", "rfc1.rows = 2");
        tests("@Requirement(\"RFC1:MUST-1\") @Test void pings() {}");
    }

    static String row(String id, String level, String section, String test, String reason) {
        return String.join("\t", id, level, section, "Answers <pings> | all.", test, reason);
    }

    void list(String... rows) throws IOException {
        write(Matrix.DIRECTORY + "/rfc1.tsv", Matrix.COLUMNS + "\n" + String.join("\n", rows) + "\n");
    }

    void properties(String... lines) throws IOException {
        write(Matrix.DIRECTORY + "/lists.properties", String.join("\n", lines));
    }

    /** The body of PingTest, in module {@code a}. */
    void tests(String body) throws IOException {
        write("a/src/test/java/p/PingTest.java", "package p;\nclass PingTest {\n" + body + "\n}\n");
    }

    void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    String read(String file) throws IOException {
        return Files.readString(root.resolve(file));
    }

    List<String> problems() throws IOException {
        return MatrixCheck.run(Matrix.read(root), TestSources.scan(root));
    }

    int run(Object command, String... args) {
        String[] all = new String[args.length + 2];
        all[0] = "--root";
        all[1] = root.toString();
        System.arraycopy(args, 0, all, 2, args.length);
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
