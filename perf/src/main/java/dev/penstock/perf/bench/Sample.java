package dev.penstock.perf.bench;

import org.HdrHistogram.Histogram;

/**
 * What one window of measuring gave.
 *
 * @param value in the unit of the figure
 * @param latency of each exchange, nanoseconds; null where the value is a rate
 * @param allocation bytes of garbage for each unit of work; NaN if nobody counted
 */
record Sample(double value, Histogram latency, double allocation) {
    static Sample rate(double value, double allocation) {
        return new Sample(value, null, allocation);
    }
}
