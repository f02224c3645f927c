/** What the harness asks of the Linux kernel: its sockets, processors and links, by direct system calls. */
package dev.penstock.perf.kernel;
