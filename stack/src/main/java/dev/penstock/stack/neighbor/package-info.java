/** Which link address a neighbour has: one cache and one state machine for ARP and for neighbour discovery. */
package dev.penstock.stack.neighbor;
