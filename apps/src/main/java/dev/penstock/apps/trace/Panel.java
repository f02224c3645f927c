package dev.penstock.apps.trace;

import javax.xml.stream.XMLStreamException;

/** A rectangle with axes around it, and a legend above. */
final class Panel {
    /** One entry of a legend: a stroke of this class, and what it stands for. */
    record Entry(String style, String text) {}

    private static final double LETTER = 6.9;
    private static final double SWATCH = 22;

    final double left;
    final double top;
    final double right;
    final double bottom;
    private final Svg svg;

    Panel(Svg svg, double left, double top, double right, double bottom) {
        this.svg = svg;
        this.left = left;
        this.top = top;
        this.right = right;
        this.bottom = bottom;
    }

    /** Ticks and their lines across the panel; the numbers below only with {@code labels}. */
    void timeAxis(NiceAxis time, boolean labels) throws XMLStreamException {
        for (int i = 0; i < time.ticks(); i++) {
            double x = time.at(time.tick(i));
            svg.line(x, top, x, bottom, "class", "grid");
            if (labels) {
                svg.line(x, bottom, x, bottom + 5, "class", "axis");
                svg.text(x, bottom + 20, time.label(i), "class", "label", "text-anchor", "middle");
            }
        }
        if (labels) {
            String title = "time since the first segment [" + time.unit() + "]";
            svg.text((left + right) / 2, bottom + 42, title, "class", "title", "text-anchor", "middle");
        }
    }

    void leftAxis(NiceAxis axis, String title) throws XMLStreamException {
        for (int i = 0; i < axis.ticks(); i++) {
            double y = axis.at(axis.tick(i));
            svg.line(left, y, right, y, "class", "grid");
            svg.line(left - 5, y, left, y, "class", "axis");
            svg.text(left - 9, y + 4.5, axis.label(i), "class", "label", "text-anchor", "end");
        }
        vertical(left - 62, title + " [" + axis.unit() + "]", -90, "title");
    }

    void rightAxis(NiceAxis axis, String title, String style) throws XMLStreamException {
        for (int i = 0; i < axis.ticks(); i++) {
            double y = axis.at(axis.tick(i));
            svg.line(right, y, right + 5, y, "class", "axis");
            svg.text(right + 9, y + 4.5, axis.label(i), "class", "label");
        }
        vertical(right + 62, title + " [" + axis.unit() + "]", 90, "title " + style);
    }

    private void vertical(double x, String text, int degrees, String style) throws XMLStreamException {
        double y = (top + bottom) / 2;
        String turn = "rotate(" + degrees + " " + Svg.number(x) + " " + Svg.number(y) + ")";
        svg.text(x, y + 4, text, "class", style, "text-anchor", "middle", "transform", turn);
    }

    void frame() throws XMLStreamException {
        svg.rect(left, top, right - left, bottom - top, "class", "frame");
    }

    void legend(Entry... entries) throws XMLStreamException {
        double x = left;
        for (Entry e : entries) {
            svg.line(x, top - 14, x + SWATCH, top - 14, "class", e.style + " swatch");
            svg.text(x + SWATCH + 6, top - 9.5, e.text, "class", "label");
            x += SWATCH + 6 + e.text.length() * LETTER + 18;
        }
    }
}
