package dev.penstock.apps.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLStreamException;

/** Segments, acknowledgments and the window over time: one direction of a connection. */
final class SequencePanel {
    private static final int MOST_BARS = 20_000;

    private final TraceData data;
    /** The traced end sent the data; otherwise it received it. */
    private final boolean sent;

    private final BarPath fresh = new BarPath(MOST_BARS, 1.6);
    /** Retransmissions are few, and what one looks for. */
    private final BarPath again = new BarPath(MOST_BARS, 5);

    private final BarPath sacks = new BarPath(MOST_BARS, 1.6);
    private final StepPath acks = new StepPath();
    private final StepPath window = new StepPath();
    private boolean windowSeen;
    /** What was selectively acknowledged above the cumulative acknowledgment. */
    private final TreeMap<Long, Long> sacked = new TreeMap<>();

    private long ack = TraceData.NONE;
    private long edge = TraceData.NONE;
    private long highest = TraceData.NONE;
    private long bytes;
    private long bytesAgain;

    SequencePanel(TraceData data, boolean sent) {
        this.data = data;
        this.sent = sent;
    }

    /** The end of the last byte, and of the window where that does not lie far away. */
    long range() {
        long end = 1;
        long farthest = 1;
        for (int i = 0; i < data.segments.size(); i++) {
            if (isData(i)) {
                end = Math.max(end, data.segments.get(i, TraceData.SEQ) + data.segments.get(i, TraceData.LENGTH));
            } else if (carriesAck(i)) {
                farthest = Math.max(farthest, ackOf(i) + Math.max(0, data.segments.get(i, TraceData.WINDOW)));
            }
        }
        return farthest <= end * 1.35 ? Math.max(end, farthest) : end;
    }

    private boolean isData(int row) {
        TraceKind kind = data.segmentKind(row);
        boolean ours = kind == TraceKind.SENT || kind == TraceKind.RETRANSMITTED;
        return data.segments.get(row, TraceData.LENGTH) > 0 && (sent ? ours : kind == TraceKind.RECEIVED);
    }

    /** It comes from the receiver of the data and acknowledges something. */
    private boolean carriesAck(int row) {
        TraceKind kind = data.segmentKind(row);
        boolean fromReceiver =
                sent ? kind == TraceKind.RECEIVED : kind == TraceKind.SENT || kind == TraceKind.RETRANSMITTED;
        return fromReceiver && ackOf(row) != TraceData.NONE;
    }

    private long ackOf(int row) {
        return data.segments.get(row, TraceData.ACK);
    }

    void draw(Svg svg, Panel panel, NiceAxis time, NiceAxis seq) throws XMLStreamException {
        for (int i = 0; i < data.segments.size(); i++) {
            double x = time.at(data.segments.get(i, TraceData.TIME) - data.firstNs);
            if (isData(i)) {
                segment(i, x, seq);
            }
            if (carriesAck(i)) {
                acknowledgment(i, x, seq);
            } else if (sent && data.segmentKind(i) == TraceKind.SACK) {
                sack(data.segments.get(i, TraceData.SEQ), data.segments.get(i, TraceData.LENGTH), x, seq);
            }
        }
        svg.group("clip-path", "url(#upper)", "fill", "none");
        svg.path(window.end(panel.right), "class", "window");
        svg.path(acks.end(panel.right), "class", "ack");
        svg.path(sacks.path(), "class", "sack", "stroke-width", sacks.width());
        svg.path(fresh.path(), "class", "sent", "stroke-width", fresh.width());
        svg.path(again.path(), "class", "again", "stroke-width", again.width());
        svg.endGroup();
    }

    private void segment(int row, double x, NiceAxis seq) {
        long from = data.segments.get(row, TraceData.SEQ);
        long to = from + data.segments.get(row, TraceData.LENGTH);
        boolean late = sent ? data.segmentKind(row) == TraceKind.RETRANSMITTED : from < highest;
        highest = Math.max(highest, to);
        bytes += to - from;
        bytesAgain += late ? to - from : 0;
        (late ? again : fresh).add(x, seq.at(to), seq.at(from));
    }

    private void acknowledgment(int row, double x, NiceAxis seq) {
        long newAck = ackOf(row);
        if (newAck > ack) {
            ack = newAck;
            acks.add(x, seq.at(ack));
            sacked.headMap(ack, true).clear();
        }
        long size = data.segments.get(row, TraceData.WINDOW);
        if (size != TraceData.NONE && newAck + size != edge && newAck == ack) {
            edge = newAck + size;
            windowSeen = true;
            window.add(x, seq.at(Math.min((double) edge, seq.to() * 2)));
        }
    }

    /** Each block is repeated in many acknowledgments: only what is new of it is shown. */
    private void sack(long from, long length, double x, NiceAxis seq) {
        long at = Math.max(from, ack);
        long end = from + length;
        Map.Entry<Long, Long> before = sacked.floorEntry(at);
        long start = before != null && before.getValue() >= at ? before.getKey() : at;
        if (before != null && before.getValue() > at) {
            at = before.getValue();
        }
        long through = Math.max(end, at);
        while (at < end) {
            Map.Entry<Long, Long> next = sacked.ceilingEntry(at);
            long until = next == null ? end : Math.min(end, next.getKey());
            if (until > at) {
                sacks.add(x, seq.at(until), seq.at(at));
            }
            at = until;
            if (next != null && next.getKey() <= at && at < end) {
                at = Math.max(at, next.getValue());
                through = Math.max(through, next.getValue());
            }
        }
        if (through > start) {
            sacked.subMap(start, true, through, true).clear();
            sacked.put(start, through);
        }
    }

    Panel.Entry[] legend() {
        List<Panel.Entry> entries = new ArrayList<>();
        entries.add(new Panel.Entry("sent", sent ? "segment sent" : "segment received"));
        if (again.segments() > 0) {
            entries.add(new Panel.Entry("again", sent ? "retransmission" : "late or again"));
        }
        if (sacks.segments() > 0) {
            entries.add(new Panel.Entry("sack", "SACK"));
        }
        entries.add(new Panel.Entry("ack", "cumulative ACK"));
        if (windowSeen) {
            entries.add(new Panel.Entry("window", "end of the receive window"));
        }
        return entries.toArray(Panel.Entry[]::new);
    }

    long bytes() {
        return bytes;
    }

    long bytesAgain() {
        return bytesAgain;
    }

    /** What all is drawn by. */
    int bars() {
        return fresh.bars() + again.bars() + sacks.bars();
    }
}
