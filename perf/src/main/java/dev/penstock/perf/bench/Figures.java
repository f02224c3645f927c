package dev.penstock.perf.bench;

import dev.penstock.perf.report.Figure;
import java.util.Map;

/** Contenders with the figures that they fill. */
final class Figures {
    private Figures() {}

    /**
     * A contender for one figure.
     *
     * @param id of the figure
     * @param per what its garbage is counted for, or null
     */
    static Contender contender(
            String id,
            String title,
            String unit,
            boolean higherIsBetter,
            Map<String, String> conditions,
            String per,
            SimpleContender.Starting starting) {
        return new SimpleContender(
                () -> {
                    Figure f = new Figure();
                    f.id = id;
                    f.title = title;
                    f.unit = unit;
                    f.higherIsBetter = higherIsBetter;
                    f.conditions.putAll(conditions);
                    f.allocationPer = per;
                    return f;
                },
                starting);
    }
}
