package dev.penstock.perf.floor;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.InternetChecksum;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames of Ethernet, IPv4 and TCP without options, by their offsets: all that the raw loop needs to know of them. */
final class RawFrames {
    static final ByteOrder NETWORK = ByteOrder.BIG_ENDIAN;
    static final int ETHERNET = 14;
    static final int HEADERS = ETHERNET + 20 + 20;
    static final int ETHER_TYPE = 12;
    static final int IP_LENGTH = ETHERNET + 2;
    static final int IP_PROTOCOL = ETHERNET + 9;
    static final int IP_CHECKSUM = ETHERNET + 10;
    static final int IP_SOURCE = ETHERNET + 12;
    static final int IP_DESTINATION = ETHERNET + 16;
    static final int TCP = ETHERNET + 20;
    static final int TCP_SOURCE_PORT = TCP;
    static final int TCP_DESTINATION_PORT = TCP + 2;
    static final int TCP_SEQ = TCP + 4;
    static final int TCP_ACK = TCP + 8;
    static final int TCP_HEADER_LENGTH = TCP + 12;
    static final int TCP_FLAGS = TCP + 13;
    static final int TCP_WINDOW = TCP + 14;
    static final int TCP_CHECKSUM = TCP + 16;
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int PSH = 8;
    static final int ACK = 16;
    static final int TYPE_IPV4 = 0x0800;
    static final int TYPE_ARP = 0x0806;
    static final int PROTOCOL_TCP = 6;
    static final int PROTOCOL_UDP = 17;

    private static final int ARP_LENGTH = ETHERNET + 28;
    private static final int ARP_OPERATION = ETHERNET + 6;
    private static final int ARP_SENDER = ETHERNET + 8;
    private static final int ARP_TARGET = ETHERNET + 18;

    private RawFrames() {}

    static int u16(UnsafeBuffer b, int at) {
        return b.getShort(at, NETWORK) & 0xffff;
    }

    static int fold(long sum) {
        long s = (sum & 0xffff_ffffL) + (sum >>> 32);
        s = (s & 0xffff) + (s >>> 16);
        s = (s & 0xffff) + (s >>> 16);
        return (int) ((s & 0xffff) + (s >>> 16));
    }

    static long words(UnsafeBuffer b, int at, int length) {
        return InternetChecksum.sum(b, at, length);
    }

    /** An ARP request becomes its answer, in place. False if it is none for {@code mac}'s owner. */
    static boolean answerArp(Frame frame, long mac, int address) {
        UnsafeBuffer b = frame.buffer();
        int at = frame.start();
        if (frame.length() < ARP_LENGTH
                || u16(b, at + ARP_OPERATION) != 1
                || b.getInt(at + ARP_TARGET + 6, NETWORK) != address) {
            return false;
        }
        frame.setBounds(at, ARP_LENGTH);
        b.putBytes(at, b, at + 6, 6);
        putMac(b, at + 6, mac);
        b.putShort(at + ARP_OPERATION, (short) 2, NETWORK);
        b.putBytes(at + ARP_TARGET, b, at + ARP_SENDER, 10);
        putMac(b, at + ARP_SENDER, mac);
        b.putInt(at + ARP_SENDER + 6, address, NETWORK);
        return true;
    }

    static void putMac(UnsafeBuffer b, int at, long mac) {
        b.putShort(at, (short) (mac >>> 32), NETWORK);
        b.putInt(at + 2, (int) mac, NETWORK);
    }
}
