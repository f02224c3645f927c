/**
 * IP and what belongs to it: addresses, routes, ARP, input and output, fragments, ICMP and the path MTU. The transports
 * above are known as {@link dev.penstock.stack.ip.TransportHandler}s only.
 */
package dev.penstock.stack.ip;
