package dev.penstock.perf.report;

/**
 * A point of a curve.
 *
 * @param x such as a percentile, a size or a number of connections
 * @param y in the unit of its figure
 */
public record Point(double x, double y) {}
