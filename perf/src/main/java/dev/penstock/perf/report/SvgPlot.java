package dev.penstock.perf.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A {@link Plot} as SVG that stands by itself in a page. */
final class SvgPlot {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 380;
    private static final int LEFT = 64;
    private static final int RIGHT = 24;
    private static final int TOP = 18;
    private static final int BOTTOM = 48;
    private static final int LEGEND_LINE = 20;
    private static final double[] PERCENTILE_TICKS = {0, 90, 99, 99.9, 99.99, 99.999};
    /** Told apart by people who see colours otherwise, too. */
    private static final String[] COLOURS = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

    private final Plot plot;
    private final StringBuilder out = new StringBuilder();
    private double xMin = Double.MAX_VALUE;
    private double xMax = -Double.MAX_VALUE;
    private double yMin = Double.MAX_VALUE;
    private double yMax = -Double.MAX_VALUE;

    private SvgPlot(Plot plot) {
        this.plot = plot;
    }

    /** The picture; empty for a plot without two points. */
    static String of(Plot plot) {
        return new SvgPlot(plot).draw();
    }

    private String draw() {
        for (List<Point> curve : plot.curves.values()) {
            for (Point p : curve) {
                if (isDrawn(p)) {
                    xMin = Math.min(xMin, place(plot.xScale, p.x()));
                    xMax = Math.max(xMax, place(plot.xScale, p.x()));
                    yMin = Math.min(yMin, place(plot.yScale, p.y()));
                    yMax = Math.max(yMax, place(plot.yScale, p.y()));
                }
            }
        }
        if (!(xMax > xMin)) {
            return "";
        }
        if (plot.yScale == Plot.Scale.LINEAR) {
            yMin = 0;
            yMax = niceStep(yMax) * Math.ceil(yMax / niceStep(yMax));
        } else {
            yMin = Math.floor(yMin);
            yMax = Math.max(yMin + 1, Math.ceil(yMax));
        }
        int height = HEIGHT + LEGEND_LINE * plot.curves.size();
        out.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"system-ui,"
                        + " sans-serif\" font-size=\"13\">%n<title>%s</title>%n",
                WIDTH,
                height,
                HtmlReport.escape(plot.title)));
        axes();
        int i = 0;
        for (Map.Entry<String, List<Point>> e : plot.curves.entrySet()) {
            curve(e.getKey(), e.getValue(), COLOURS[i % COLOURS.length], HEIGHT + LEGEND_LINE * i);
            i++;
        }
        return out.append("</svg>\n").toString();
    }

    /** The last percentile, 100, has no place on its scale. */
    private boolean isDrawn(Point p) {
        boolean xFits = plot.xScale != Plot.Scale.PERCENTILE || p.x() < 100;
        boolean positive = (plot.xScale != Plot.Scale.LOGARITHMIC || p.x() > 0)
                && (plot.yScale != Plot.Scale.LOGARITHMIC || p.y() > 0);
        return xFits && positive && Double.isFinite(p.y());
    }

    private static double place(Plot.Scale scale, double v) {
        return switch (scale) {
            case LINEAR -> v;
            case LOGARITHMIC -> Math.log10(v);
            case PERCENTILE -> -Math.log10(1 - v / 100);
        };
    }

    private double x(double v) {
        return LEFT + (place(plot.xScale, v) - xMin) / (xMax - xMin) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double v) {
        return HEIGHT - BOTTOM - (place(plot.yScale, v) - yMin) / (yMax - yMin) * (HEIGHT - TOP - BOTTOM);
    }

    private static double niceStep(double most) {
        double raw = most / 5;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double part = raw / power;
        return (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10) * power;
    }

    private List<Double> ticks(Plot.Scale scale, double from, double to) {
        List<Double> ticks = new ArrayList<>();
        switch (scale) {
            case LINEAR -> {
                double step = niceStep(to);
                for (double v = 0; v <= to + step / 1000; v += step) {
                    ticks.add(v);
                }
            }
            case LOGARITHMIC -> {
                for (double e = Math.ceil(from - 1e-9); e <= to + 1e-9; e++) {
                    ticks.add(Math.pow(10, e));
                }
            }
            case PERCENTILE -> {
                for (double p : PERCENTILE_TICKS) {
                    if (place(scale, p) <= to + 1e-9) {
                        ticks.add(p);
                    }
                }
            }
        }
        return ticks;
    }

    private void axes() {
        for (double v : ticks(plot.yScale, yMin, yMax)) {
            line(LEFT, y(v), WIDTH - RIGHT, y(v), "#8884");
            text(LEFT - 8, y(v) + 4, "end", label(v));
        }
        for (double v : ticks(plot.xScale, xMin, xMax)) {
            line(x(v), TOP, x(v), HEIGHT - BOTTOM, "#8884");
            text(x(v), HEIGHT - BOTTOM + 18, "middle", label(v));
        }
        line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "#888");
        text(LEFT + (WIDTH - LEFT - RIGHT) / 2.0, HEIGHT - BOTTOM + 38, "middle", plot.xLabel);
        out.append(String.format(
                Locale.ROOT,
                "<text transform=\"translate(14 %.1f) rotate(-90)\" text-anchor=\"middle\" fill=\"currentColor\">%s</text>%n",
                TOP + (HEIGHT - TOP - BOTTOM) / 2.0,
                HtmlReport.escape(plot.yLabel)));
    }

    private static String label(double v) {
        if (v >= 1e6) {
            return label(v / 1e6) + "M";
        }
        if (v >= 1e4) {
            return label(v / 1e3) + "k";
        }
        return String.format(Locale.ROOT, "%s", v).replaceAll("\\.0$", "");
    }

    private void line(double x1, double y1, double x2, double y2, String colour) {
        out.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n",
                x1,
                y1,
                x2,
                y2,
                colour));
    }

    private void text(double x, double y, String anchor, String text) {
        out.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"currentColor\">%s</text>%n",
                x,
                y,
                anchor,
                HtmlReport.escape(text)));
    }

    private void curve(String name, List<Point> points, String colour, int legendY) {
        StringBuilder path = new StringBuilder();
        for (Point p : points) {
            if (isDrawn(p)) {
                path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(p.x()), y(p.y())));
            }
        }
        out.append(String.format(
                Locale.ROOT,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.2\" stroke-linejoin=\"round\"/>%n",
                path.toString().strip(),
                colour));
        line(LEFT, legendY + 5, LEFT + 28, legendY + 5, colour);
        text(LEFT + 36, legendY + 9, "start", name);
    }
}
