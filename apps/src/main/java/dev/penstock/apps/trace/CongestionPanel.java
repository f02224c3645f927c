package dev.penstock.apps.trace;

import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamException;

/** cwnd, ssthresh and pipe, and the smoothed round-trip time on an axis of its own. */
final class CongestionPanel {
    private final TraceData data;
    private boolean ssthreshSeen;
    private boolean srttSeen;

    CongestionPanel(TraceData data) {
        this.data = data;
    }

    /** The greatest cwnd or pipe; ssthresh only where it would not make these flat. */
    long range() {
        long most = Math.max(largest(TraceData.CWND), largest(TraceData.PIPE));
        long ssthresh = largest(TraceData.SSTHRESH);
        return Math.max(1, ssthresh <= 2 * most ? Math.max(most, ssthresh) : most);
    }

    long srttRange() {
        return Math.max(1, largest(TraceData.SRTT));
    }

    private long largest(int column) {
        long most = 0;
        for (int i = 0; i < data.samples.size(); i++) {
            most = Math.max(most, data.samples.get(i, column));
        }
        return most;
    }

    void draw(Svg svg, Panel panel, NiceAxis time, NiceAxis bytes, NiceAxis srtt) throws XMLStreamException {
        svg.group("clip-path", "url(#lower)", "fill", "none");
        svg.path(line(TraceData.PIPE, panel, time, bytes), "class", "pipe");
        CharSequence thresholds = line(TraceData.SSTHRESH, panel, time, bytes);
        ssthreshSeen = thresholds.length() > 0;
        svg.path(thresholds, "class", "ssthresh");
        svg.path(line(TraceData.CWND, panel, time, bytes), "class", "cwnd");
        CharSequence times = line(TraceData.SRTT, panel, time, srtt);
        srttSeen = times.length() > 0;
        svg.path(times, "class", "srtt");
        svg.endGroup();
    }

    private CharSequence line(int column, Panel panel, NiceAxis time, NiceAxis axis) {
        StepPath path = new StepPath();
        for (int i = 0; i < data.samples.size(); i++) {
            long value = data.samples.get(i, column);
            if (value != TraceData.NONE) {
                double x = time.at(data.samples.get(i, TraceData.TIME) - data.firstNs);
                path.add(x, axis.at(Math.min((double) value, axis.to() * 2)));
            }
        }
        return path.end(panel.right);
    }

    Panel.Entry[] legend() {
        List<Panel.Entry> entries = new ArrayList<>();
        entries.add(new Panel.Entry("cwnd", "cwnd"));
        if (ssthreshSeen) {
            entries.add(new Panel.Entry("ssthresh", "ssthresh"));
        }
        entries.add(new Panel.Entry("pipe", "pipe"));
        if (srttSeen) {
            entries.add(new Panel.Entry("srtt", "srtt (right)"));
        }
        return entries.toArray(Panel.Entry[]::new);
    }
}
