package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.wire.DhcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * The options of one message: those of the options field, then, where option 52 says so, of the file and server name fields
 * (RFC 2132, section 9.3), each value joined from its parts (RFC 3396). Reused; values are copies.
 */
final class OptionReader {
    /** The most parts of options in a message; a message of 576 bytes has room for 160 of one byte. */
    static final int MAX_PARTS = 512;

    private static final byte[] NONE = new byte[0];

    private final int[] codes = new int[MAX_PARTS];
    private final int[] offsets = new int[MAX_PARTS];
    private final int[] lengths = new int[MAX_PARTS];
    private int parts;
    private DirectBuffer buffer;
    private int overload;

    /**
     * Reads the options of a message whose header was checked.
     *
     * @param length of the whole message
     * @return null, or why the message is refused
     */
    DropReason read(DirectBuffer from, int offset, int length) {
        buffer = from;
        parts = 0;
        overload = 0;
        if (!readField(offset + DhcpHeader.LENGTH, length - DhcpHeader.LENGTH, true)) {
            return DropReason.DHCP_BAD_OPTION;
        }
        // RFC 3396, section 5: the aggregate buffer is "the options field, followed by the file field, then the sname
        // field", as far as they hold options.
        boolean good = (overload & 1) == 0 || readField(offset + DhcpHeader.FILE_OFFSET, DhcpHeader.FILE_LENGTH, false);
        good &= (overload & 2) == 0 || readField(offset + DhcpHeader.SNAME_OFFSET, DhcpHeader.SNAME_LENGTH, false);
        return good ? null : DropReason.DHCP_BAD_OPTION;
    }

    /** False unless all options lie within the field and an end follows them. */
    private boolean readField(int offset, int length, boolean first) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            int code = Wire.u8(buffer, at++);
            // RFC 2131, 4.1: "The last option must always be the 'end' option."
            if (code == DhcpOption.END) {
                return true;
            }
            if (code == DhcpOption.PAD) {
                continue;
            }
            if (at >= end) {
                return false;
            }
            int size = Wire.u8(buffer, at++);
            if (size > end - at || parts == MAX_PARTS) {
                return false;
            }
            if (code == DhcpOption.OVERLOAD) {
                int value = size == 1 ? Wire.u8(buffer, at) : 0;
                if (value < 1 || value > 3 || !first || overload != 0) {
                    return false;
                }
                overload = value;
            }
            codes[parts] = code;
            offsets[parts] = at;
            lengths[parts++] = size;
            at += size;
        }
        return false;
    }

    /** The value, its parts joined in their order, or null if there is none. */
    byte[] value(int code) {
        byte[] value = null;
        for (int i = 0; i < parts; i++) {
            if (codes[i] == code) {
                byte[] before = value == null ? NONE : value;
                value = Arrays.copyOf(before, before.length + lengths[i]);
                buffer.getBytes(offsets[i], value, before.length, lengths[i]);
            }
        }
        return value;
    }
}
