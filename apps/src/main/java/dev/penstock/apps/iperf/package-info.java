/**
 * iperf3 on our own sockets: server and client of its control protocol (there is no document of it but the program
 * itself; versions 3.1 to 3.17 are spoken with), TCP and UDP, both directions. Everything runs in callbacks on the
 * shard's thread, so that it measures the stack and not the hops between threads.
 */
package dev.penstock.apps.iperf;
