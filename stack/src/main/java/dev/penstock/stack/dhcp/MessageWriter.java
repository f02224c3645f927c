package dev.penstock.stack.dhcp;

import dev.penstock.stack.wire.DhcpHeader;
import java.io.ByteArrayOutputStream;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes the client's messages (RFC 2131, table 5). */
final class MessageWriter {
    /** Of the messages that we take, without headers; the largest that fits an Ethernet frame. */
    static final int MAX_MESSAGE = 1472;

    private static final int FQDN_SERVER_UPDATES = 1;
    private static final int FQDN_WIRE_FORMAT = 4;
    /** Header, fixed options, identifier, vendor class, name, each with its own. */
    private static final int CAPACITY = 2048;

    private final DhcpConfig config;
    private final long mac;
    private final byte[] clientIdentifier;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CAPACITY]);
    private OptionWriter options;

    MessageWriter(DhcpConfig config, long mac) {
        this.config = config;
        this.mac = mac;
        this.clientIdentifier = config.clientIdentifier != null ? config.clientIdentifier.clone() : ofHardware(mac);
    }

    /** RFC 2132, 9.14: "type ... 1 ... and ... hardware address": by which reservations by MAC address are found, too. */
    private static byte[] ofHardware(long mac) {
        byte[] id = new byte[7];
        id[0] = DhcpHeader.ETHERNET;
        for (int i = 0; i < 6; i++) {
            id[1 + i] = (byte) (mac >>> (40 - 8 * i));
        }
        return id;
    }

    byte[] clientIdentifier() {
        return clientIdentifier;
    }

    /** What {@link #end} finished. */
    MutableDirectBuffer buffer() {
        return buffer;
    }

    /** Begins a message. */
    MessageWriter begin(int type, int xid, int secs, boolean broadcast, int ciaddr) {
        DhcpHeader.put(buffer, 0, DhcpHeader.REQUEST, xid, secs, broadcast, ciaddr, 0, mac);
        options = new OptionWriter(buffer, 0);
        options.put8(DhcpOption.MESSAGE_TYPE, type).put(DhcpOption.CLIENT_IDENTIFIER, clientIdentifier);
        return this;
    }

    MessageWriter requested(int address) {
        if (address != 0) {
            options.put32(DhcpOption.REQUESTED_ADDRESS, address);
        }
        return this;
    }

    MessageWriter server(int address) {
        if (address != 0) {
            options.put32(DhcpOption.SERVER_IDENTIFIER, address);
        }
        return this;
    }

    MessageWriter rapidCommit() {
        options.put(DhcpOption.RAPID_COMMIT, new byte[0]);
        return this;
    }

    MessageWriter reason(String text) {
        options.put(DhcpOption.MESSAGE, text);
        return this;
    }

    /** What DHCPDISCOVER and DHCPREQUEST ask for and tell of us; the same in both (RFC 2131, section 4.3.1). */
    MessageWriter wishes() {
        options.put16(DhcpOption.MAX_MESSAGE_SIZE, MAX_MESSAGE + 28);
        if (config.leaseSeconds != 0) {
            options.put32(DhcpOption.LEASE_TIME, (int) config.leaseSeconds);
        }
        if (config.vendorClass != null) {
            options.put(DhcpOption.VENDOR_CLASS, config.vendorClass);
        }
        if (config.hostName != null) {
            name(config.hostName);
        }
        options.put(DhcpOption.PARAMETER_LIST, wanted());
        return this;
    }

    private void name(String name) {
        if (name.indexOf('.') < 0) {
            options.put(DhcpOption.HOST_NAME, name);
            return;
        }
        // RFC 4702, 3.1: "Clients that send the Client FQDN option in their messages MUST NOT also send the Host Name
        // option."
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.write(FQDN_SERVER_UPDATES | FQDN_WIRE_FORMAT);
        value.write(0);
        value.write(0);
        value.writeBytes(DomainNames.write(name));
        options.put(DhcpOption.CLIENT_FQDN, value.toByteArray());
    }

    private byte[] wanted() {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        list.write(DhcpOption.SUBNET_MASK);
        // RFC 3442 wants its option to stand before that of the routers.
        list.write(DhcpOption.CLASSLESS_ROUTES);
        list.write(DhcpOption.ROUTERS);
        list.write(DhcpOption.NAME_SERVERS);
        list.write(DhcpOption.DOMAIN_NAME);
        list.write(DhcpOption.DOMAIN_SEARCH);
        list.write(DhcpOption.INTERFACE_MTU);
        list.write(DhcpOption.BROADCAST_ADDRESS);
        list.write(DhcpOption.NTP_SERVERS);
        list.write(DhcpOption.LEASE_TIME);
        list.write(DhcpOption.RENEWAL_TIME);
        list.write(DhcpOption.REBINDING_TIME);
        if (config.ipv6OnlyPreferred) {
            list.write(DhcpOption.IPV6_ONLY_PREFERRED);
        }
        return list.toByteArray();
    }

    /** Returns the length of the message. */
    int end() {
        return options.end(0);
    }
}
