package dev.penstock.apps.trace;

/**
 * The path of a value that stays as it is until it changes. However many points there are, a column of half a pixel
 * holds four strokes at most: the first value, the least, the greatest and the last, and so looks the same.
 */
final class StepPath {
    private final StringBuilder d = new StringBuilder();
    private boolean started;
    private long column;
    private double low;
    private double high;
    private double last;
    private double drawn;

    /** The value is at {@code y} from {@code x} on; {@code x} never decreases. */
    void add(double x, double y) {
        long at = Math.round(x * 2);
        if (!started) {
            started = true;
            d.append('M').append(Svg.number(at / 2.0)).append(' ').append(Svg.number(y));
            drawn = y;
            restart(at, y);
        } else if (at == column) {
            low = Math.min(low, y);
            high = Math.max(high, y);
            last = y;
        } else {
            strokes();
            d.append('H').append(Svg.number(at / 2.0));
            restart(at, y);
        }
    }

    private void restart(long at, double y) {
        column = at;
        low = y;
        high = y;
        last = y;
    }

    private void strokes() {
        vertical(low);
        vertical(high);
        vertical(last);
    }

    private void vertical(double y) {
        if (Math.abs(y - drawn) >= 0.05) {
            d.append('V').append(Svg.number(y));
            drawn = y;
        }
    }

    /** The path, up to {@code x}. */
    CharSequence end(double x) {
        if (started) {
            strokes();
            if (Math.round(x * 2) > column) {
                d.append('H').append(Svg.number(x));
            }
        }
        return d;
    }
}
