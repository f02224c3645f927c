/** Ethernet II in and out; knows nothing of what its payloads mean. */
package dev.penstock.stack.link;
