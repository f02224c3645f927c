package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.TransportSpec;
import dev.penstock.stack.wire.TcpHeader;

/** The flags of TCP between the letters of a script and the bits of a header. */
final class TcpFlags {
    private TcpFlags() {}

    /** The bits that a script writes; letters that are none count for nothing. */
    static int parse(TransportSpec.Tcp tcp) {
        int flags = 0;
        for (int i = 0; i < tcp.flags().length(); i++) {
            flags |= bit(tcp.flags().charAt(i));
        }
        if (tcp.aceField() != null) {
            int ace = tcp.aceField();
            flags &= ~(TcpHeader.AE | TcpHeader.CWR | TcpHeader.ECE);
            flags |= (ace & 4) != 0 ? TcpHeader.AE : 0;
            flags |= (ace & 2) != 0 ? TcpHeader.CWR : 0;
            flags |= (ace & 1) != 0 ? TcpHeader.ECE : 0;
        }
        return flags;
    }

    private static int bit(char letter) {
        return switch (letter) {
            case 'F' -> TcpHeader.FIN;
            case 'S' -> TcpHeader.SYN;
            case 'R' -> TcpHeader.RST;
            case 'P' -> TcpHeader.PSH;
            case '.' -> TcpHeader.ACK;
            case 'U' -> TcpHeader.URG;
            case 'E' -> TcpHeader.ECE;
            case 'W' -> TcpHeader.CWR;
            case 'A', 'N' -> TcpHeader.AE;
            default -> 0;
        };
    }

    /** As a script writes them; {@code -} for none. */
    static String text(int flags) {
        StringBuilder out = new StringBuilder();
        add(out, flags, TcpHeader.FIN, 'F');
        add(out, flags, TcpHeader.SYN, 'S');
        add(out, flags, TcpHeader.RST, 'R');
        add(out, flags, TcpHeader.PSH, 'P');
        add(out, flags, TcpHeader.ACK, '.');
        add(out, flags, TcpHeader.URG, 'U');
        add(out, flags, TcpHeader.ECE, 'E');
        add(out, flags, TcpHeader.CWR, 'W');
        add(out, flags, TcpHeader.AE, 'A');
        return out.length() == 0 ? "-" : out.toString();
    }

    private static void add(StringBuilder out, int flags, int bit, char letter) {
        if ((flags & bit) != 0) {
            out.append(letter);
        }
    }
}
