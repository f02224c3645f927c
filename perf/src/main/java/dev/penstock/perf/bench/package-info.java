/** {@code penstock bench}: what is measured against what, and how. */
package dev.penstock.perf.bench;
