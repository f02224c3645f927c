package dev.penstock.apps.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What is in the picture of a trace, and that it is well-formed. */
class TracePlotTest {
    private static final String HEADER = "time_ns,connection,event,seq,length_bytes,ack,window_bytes,flags,cwnd_bytes,"
            + "ssthresh_bytes,pipe_bytes,srtt_ns,rttvar_ns,rto_ns,pacing_bytes_per_s,detail\n";

    @TempDir
    private Path directory;

    private Path csv;
    private Path svg;

    @BeforeEach
    void files() {
        csv = directory.resolve("t.csv");
        svg = directory.resolve("t.svg");
    }

    private Document draw(int connection, TracePlot.Direction direction) throws Exception {
        TracePlot.draw(csv, svg, connection, direction);
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document document = factory.newDocumentBuilder().parse(svg.toFile());
        assertEquals("svg", document.getDocumentElement().getLocalName());
        assertEquals("http://www.w3.org/2000/svg", document.getDocumentElement().getNamespaceURI());
        return document;
    }

    private Document draw() throws Exception {
        return draw(0, TracePlot.Direction.AUTO);
    }

    /** The elements by their class; of several, the first. */
    private static Map<String, Element> byClass(Document document) {
        Map<String, Element> all = new HashMap<>();
        NodeList nodes = document.getElementsByTagName("*");
        for (int i = 0; i < nodes.getLength(); i++) {
            Element e = (Element) nodes.item(i);
            all.putIfAbsent(e.getAttribute("class"), e);
        }
        return all;
    }

    private static String text(Document document) {
        StringBuilder all = new StringBuilder();
        NodeList nodes = document.getElementsByTagName("text");
        for (int i = 0; i < nodes.getLength(); i++) {
            all.append(nodes.item(i).getTextContent()).append('|');
        }
        return all.toString();
    }

    private void trace(String... lines) throws IOException {
        Files.writeString(csv, HEADER + String.join("\n", lines) + "\n");
    }

    private static String segment(long ms, String event, long seq, int length, String ack, int window) {
        return ms * 1_000_000 + ",1," + event + "," + seq + "," + length + "," + ack + "," + window + ",A,,,,,,,,";
    }

    private static String sample(long ms, String event, long cwnd) {
        return ms * 1_000_000 + ",1," + event + ",,,,,," + cwnd + ",7000,5000,30000000,1000000,200000000,,";
    }

    @Test
    void aLossyTransferShowsEverything() throws Exception {
        SimulatedTrace.write(csv, 4, 1_500_000, 0.01, false);
        Document document = draw();
        Map<String, Element> byClass = byClass(document);
        for (String style : new String[] {"sent", "again", "ack", "window", "cwnd", "ssthresh", "pipe", "srtt"}) {
            assertTrue(byClass.containsKey(style), style + " in " + byClass.keySet());
            assertTrue(byClass.get(style).getAttribute("d").startsWith("M"), style);
        }
        String text = text(document);
        assertTrue(text.contains("TCP connection 1: 192.0.2.1:"), text);
        assertTrue(text.contains(" → 192.0.2.2:80"), text);
        assertTrue(text.contains("1.5 MB sent in "), text);
        assertTrue(text.contains("retransmitted ("), text);
        assertTrue(text.contains("time since the first segment [s]"), text);
        assertTrue(text.contains("sequence number [kB]") || text.contains("sequence number [MB]"), text);
        assertTrue(text.contains("srtt [ms]"), text);
    }

    @Test
    void recoveriesAreShadedAndEventsMarked() throws Exception {
        trace(
                segment(0, "sent", 1, 1000, "1", 65_535),
                sample(10, "enter_recovery", 7000),
                segment(11, "retransmitted", 1, 1000, "1", 65_535),
                sample(30, "leave_recovery", 7000),
                sample(40, "tail_loss_probe", 7000),
                sample(60, "timeout", 1000),
                sample(70, "undo", 7000),
                sample(80, "enter_cwr", 3000),
                sample(90, "window_probe", 3000),
                segment(100, "received", 1, 0, "1001", 1000));
        Map<String, Element> byClass = byClass(draw());
        assertSpans(byClass.get("p-enter_recovery"), 0.1, 0.3);
        assertSpans(byClass.get("p-timeout"), 0.6, 0.7);
        assertSpans(byClass.get("p-enter_cwr"), 0.8, 1);
        for (String kind : new String[] {"timeout", "undo", "tail_loss_probe", "enter_cwr", "window_probe"}) {
            String style = "m-" + kind;
            assertTrue(byClass.containsKey(style), style + " in " + byClass.keySet());
        }
        String text = text(draw());
        assertTrue(text.contains("1 fast recovery, 1 RTO, 1 TLP, 1 undo"), text);
        assertTrue(text.contains("|after an RTO|"), text);
    }

    /** It reaches from one part of the panel's width to another. */
    private static void assertSpans(Element shade, double from, double to) {
        double x = Double.parseDouble(shade.getAttribute("x"));
        double width = Double.parseDouble(shade.getAttribute("width"));
        assertEquals(92 + from * 1096, x, 0.2);
        assertEquals((to - from) * 1096, width, 0.2);
    }

    @Test
    void aSackBlockIsDrawnOnceHoweverOftenItIsRepeated() throws Exception {
        StringBuilder lines = new StringBuilder(segment(0, "sent", 1, 10_000, "1", 65_535));
        for (int i = 1; i <= 50; i++) {
            lines.append('\n').append(segment(i * 10L, "received", 1, 0, "1", 65_535));
            lines.append('\n').append(i * 10_000_000L).append(",1,sack,3001,2000,,,,,,,,,,,");
        }
        lines.append('\n').append("510000000,1,sack,2001,4000,,,,,,,,,,,");
        trace(lines.toString());
        String d = byClass(draw()).get("sack").getAttribute("d");
        assertEquals(3, d.chars().filter(c -> c == 'M').count(), d);
    }

    @Test
    void theOtherDirectionCanBeDrawn() throws Exception {
        SimulatedTrace.write(csv, 5, 300_000, 0, true);
        String sender = text(draw(1, TracePlot.Direction.AUTO));
        assertTrue(sender.contains("segment sent|"), sender);
        String receiver = text(draw(2, TracePlot.Direction.AUTO));
        assertTrue(receiver.contains("segment received|"), receiver);
        assertTrue(receiver.contains("192.0.2.2:80 ← 192.0.2.1:"), receiver);
        assertTrue(receiver.contains("300.0 kB received in "), receiver);
        assertFalse(receiver.contains("retransmission|"), receiver);
    }

    @Test
    void aLongTraceMakesNoLargePicture() throws Exception {
        StringBuilder lines = new StringBuilder(HEADER);
        long seq = 1;
        for (int i = 0; i < 300_000; i++) {
            long t = i * 1_000L;
            boolean again = i % 3 == 0;
            long at = again ? Math.max(1, seq - (i * 7919L) % 400_000_000L) : seq;
            lines.append(t)
                    .append(",1,")
                    .append(again ? "retransmitted," : "sent,")
                    .append(at);
            lines.append(",1448,1,65535,A,,,,,,,,\n");
            lines.append(t).append(",1,sample,,,,,,").append((i * 31) % 5_000_000 + 1000);
            lines.append(",90000,").append((i * 17) % 4_000_000).append(",30000000,1000,2000,,\n");
            seq += again ? 0 : 1448;
        }
        Files.writeString(csv, lines);
        draw();
        assertTrue(Files.size(svg) < 2_000_000, Files.size(svg) + " bytes");
        assertTrue(Files.size(svg) > 50_000, "and yet it shows something: " + Files.size(svg) + " bytes");
    }

    @Test
    void whatTheTraceTellsOfItselfIsEscaped() throws Exception {
        trace("0,1,open,,,,,,,,,,,,,<script>&\u0001 \"x\"", segment(1, "sent", 1, 10, "", 5));
        assertTrue(text(draw()).contains("TCP connection 1: <script>&? → \"x\"|"), text(draw()));
    }

    @Test
    void oneSegmentIsEnough() throws Exception {
        trace(segment(0, "sent", 0, 0, "", 0));
        assertTrue(text(draw()).contains("0 B sent in "), text(draw()));
    }

    @Test
    void extremeNumbersAreDrawnAsWell() throws Exception {
        long huge = 1L << 53;
        trace(
                "0,1,sent," + -huge + "," + huge + "," + huge + "," + huge + ",A,,,,,,,,",
                "5,1,received," + huge + ",1,-5,0,A,,,,,,,,",
                huge + ",1,sample,,,,,," + huge + ",0,0," + huge + ",1,1,1,",
                huge + ",1,sent," + huge + "," + huge + ",1,1,A,,,,,,,,");
        assertFalse(Files.readString(csv).isEmpty());
        assertFalse(text(draw()).contains("NaN"), text(draw()));
        assertFalse(Files.readString(svg).contains("Infinity"));
    }

    @Test
    void aTraceWithoutSegmentsIsRefused() throws IOException {
        trace(sample(1, "sample", 5));
        IOException e = assertThrows(IOException.class, this::draw);
        assertEquals("connection 1 has no segments to draw", e.getMessage());
    }
}
