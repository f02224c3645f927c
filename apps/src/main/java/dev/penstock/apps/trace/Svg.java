package dev.penstock.apps.trace;

import java.io.Writer;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A few shapes of SVG 1.1. Coordinates in pixels, with one digit after the point. */
final class Svg {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";

    private final XMLStreamWriter xml;

    Svg(Writer out) throws XMLStreamException {
        xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out);
    }

    void begin(int width, int height, String title, String description, String style) throws XMLStreamException {
        xml.writeStartDocument("UTF-8", "1.0");
        xml.writeCharacters("\n");
        xml.writeStartElement("svg");
        xml.writeDefaultNamespace(NAMESPACE);
        attributes("viewBox", "0 0 " + width + " " + height, "width", "" + width, "height", "" + height);
        attributes("role", "img", "font-family", "Helvetica, Arial, 'DejaVu Sans', sans-serif", "font-size", "13");
        element("title", title);
        element("desc", description);
        element("style", style);
    }

    void end() throws XMLStreamException {
        xml.writeEndElement();
        xml.writeCharacters("\n");
        xml.writeEndDocument();
        xml.close();
    }

    /** A group, to be ended by {@link #endGroup}. */
    void group(String... attributes) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeStartElement("g");
        attributes(attributes);
    }

    void endGroup() throws XMLStreamException {
        xml.writeEndElement();
    }

    void clip(String id, double x, double y, double width, double height) throws XMLStreamException {
        xml.writeStartElement("clipPath");
        attributes("id", id);
        rect(x, y, width, height);
        xml.writeEndElement();
    }

    void rect(double x, double y, double width, double height, String... attributes) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeEmptyElement("rect");
        attributes("x", number(x), "y", number(y), "width", number(width), "height", number(height));
        attributes(attributes);
    }

    void line(double x1, double y1, double x2, double y2, String... attributes) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeEmptyElement("line");
        attributes("x1", number(x1), "y1", number(y1), "x2", number(x2), "y2", number(y2));
        attributes(attributes);
    }

    void path(CharSequence d, String... attributes) throws XMLStreamException {
        if (d.length() > 0) {
            xml.writeCharacters("\n");
            xml.writeEmptyElement("path");
            attributes("d", d.toString());
            attributes(attributes);
        }
    }

    void text(double x, double y, String text, String... attributes) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeStartElement("text");
        attributes("x", number(x), "y", number(y));
        attributes(attributes);
        xml.writeCharacters(printable(text));
        xml.writeEndElement();
    }

    private void element(String name, String text) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeStartElement(name);
        xml.writeCharacters(printable(text));
        xml.writeEndElement();
    }

    private void attributes(String... namesAndValues) throws XMLStreamException {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            xml.writeAttribute(namesAndValues[i], namesAndValues[i + 1]);
        }
    }

    /** What XML cannot hold at all, such as control characters, becomes a question mark. */
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cs}\\p{Cn}\\uFFFE\\uFFFF&&[^\\n]]", "?");
    }

    static String number(double value) {
        long tenths = Math.round(value * 10);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : String.format(Locale.ROOT, "%.1f", tenths / 10.0);
    }
}
