/** IPv4 addresses that nobody configured: DHCP's client (RFC 2131) and link-local addresses (RFC 3927). */
package dev.penstock.stack.dhcp;
