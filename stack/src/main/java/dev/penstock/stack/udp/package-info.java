/** UDP: endpoints, demultiplexing, and the queue between the shard and an application's thread. */
package dev.penstock.stack.udp;
