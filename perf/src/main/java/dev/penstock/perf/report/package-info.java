/** What the harness tells: figures, their ratios, what was aimed at, and the forms in which people and programs read them. */
package dev.penstock.perf.report;
