/** The raw floor of a device: loops that do the least work that keeps the kernel at the other end going. */
package dev.penstock.perf.floor;
