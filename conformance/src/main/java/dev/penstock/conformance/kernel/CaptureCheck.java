package dev.penstock.conformance.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What tshark thinks of a capture. */
public final class CaptureCheck {
    private static final int LIMIT_SECONDS = 300;
    /** Warning and above, in Wireshark's numbers. */
    private static final String WARNING = "0x600000";

    private static final String GOOD = "1";
    /** The packet that an ICMP error quotes has a wrong checksum, the error itself has not. */
    public static final String QUOTED_CHECKSUM = "wrong checksum in the quoted packet";

    private CaptureCheck() {}

    /**
     * The findings in {@code capture}, with the number of packets that have them: everything of severity warning and
     * error, malformed packets and wrong checksums of IPv4, TCP, UDP, ICMP and ICMPv6.
     *
     * @throws IOException when tshark fails
     */
    public static Map<String, Integer> findings(Path capture) throws IOException, InterruptedException {
        String filter = "_ws.expert.severity >= " + WARNING
                + " || _ws.malformed || ip.checksum.status == \"Bad\" || tcp.checksum.status == \"Bad\""
                + " || udp.checksum.status == \"Bad\" || icmp.checksum.status == \"Bad\""
                + " || icmpv6.checksum.status == \"Bad\"";
        Map<String, Integer> findings = new TreeMap<>();
        List<String> fields = List.of(
                "_ws.expert.severity",
                "_ws.expert.message",
                "_ws.malformed",
                "ip.src",
                "icmp.type",
                "ip.checksum.status",
                "icmp.checksum.status",
                "ipv6.src",
                "icmpv6.type",
                "icmpv6.checksum.status");
        for (String line : tshark(capture, filter, fields)) {
            add(line.split("\t", -1), findings);
        }
        return findings;
    }

    private static void add(String[] columns, Map<String, Integer> findings) {
        // A packet may have several findings: messages and severities are lists, in the same order.
        String[] severities = columns[0].split("\\|", -1);
        String[] messages = columns[1].split("\\|", -1);
        String source = (columns[3].isEmpty() ? columns[7] : columns[3]).split("\\|", -1)[0];
        // Address and type first: in an ICMP error, the fields of the packet that it quotes follow its own.
        boolean icmpError = columns[4].startsWith("3") || columns[4].startsWith("11");
        boolean ownSumsGood = columns[5].startsWith(GOOD) && columns[6].startsWith(GOOD);
        String type6 = columns[8].split("\\|", -1)[0];
        boolean quotes = icmpError && ownSumsGood || type6.matches("[1-4]") && columns[9].startsWith(GOOD);
        for (int i = 0; i < messages.length; i++) {
            if (i >= severities.length || isWarning(severities[i])) {
                boolean quoted = quotes && messages[i].startsWith("Bad checksum");
                findings.merge(source + ": " + (quoted ? QUOTED_CHECKSUM : messages[i]), 1, Integer::sum);
            }
        }
        if (!columns[2].isEmpty()) {
            findings.merge("malformed", 1, Integer::sum);
        }
    }

    private static boolean isWarning(String severity) {
        return severity.isBlank() || Long.decode(severity.strip()) >= Long.decode(WARNING);
    }

    /** How many packets of {@code capture} {@code filter} lets pass. */
    public static int count(Path capture, String filter) throws IOException, InterruptedException {
        return tshark(capture, filter, List.of("frame.number")).size();
    }

    private static List<String> tshark(Path capture, String filter, List<String> fields)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("penstock-", ".tshark");
        Path err = Files.createTempFile("penstock-", ".err");
        try {
            String[] head = {"tshark", "-n", "-r", capture.toString(), "-Y", filter, "-T", "fields"};
            String[] checks = {
                "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"
            };
            List<String> command = new ArrayList<>(Arrays.asList(head));
            command.addAll(Arrays.asList(checks));
            command.addAll(List.of("-E", "aggregator=|"));
            // Above TCP and UDP, Wireshark takes random bytes on random ports for protocols that they are not.
            command.addAll(List.of("-d", "tcp.port==1-65535,data", "-d", "udp.port==1-65535,data"));
            fields.forEach(field -> command.addAll(List.of("-e", field)));
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IOException("tshark took more than " + LIMIT_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException("tshark: " + Files.readString(err));
            }
            return Files.readAllLines(out);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
