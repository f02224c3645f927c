package dev.penstock.stack.ip;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/** The options of an IPv4 header (RFC 791, section 3.1): walked safely, not acted upon. */
final class Ipv4Options {
    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int LOOSE_SOURCE_ROUTE = 131;
    private static final int STRICT_SOURCE_ROUTE = 137;
    private static final int ROUTER_ALERT = 148;

    private Ipv4Options() {}

    /**
     * Null when all options are well formed and none routes. RFC 1122, 3.2.1.8: layers "MUST each interpret those IP
     * options that they understand and silently ignore the others". Record route and timestamps stay as they are.
     */
    static DropReason check(DirectBuffer buffer, int offset, int headerLength) {
        int at = offset + Ipv4Header.MIN_LENGTH;
        int end = offset + headerLength;
        while (at < end) {
            int kind = Wire.u8(buffer, at);
            if (kind == END) {
                return null;
            }
            if (kind == NO_OPERATION) {
                at++;
                continue;
            }
            int length = at + 1 < end ? Wire.u8(buffer, at + 1) : 0;
            if (length < 2 || at + length > end) {
                return DropReason.IPV4_BAD_OPTION;
            }
            if (kind == LOOSE_SOURCE_ROUTE || kind == STRICT_SOURCE_ROUTE) {
                return DropReason.IPV4_SOURCE_ROUTED;
            }
            at += length;
        }
        return null;
    }

    /** Where the option is broken that {@link #check} refused, in bytes from the beginning of the header: at its length. */
    static int problem(DirectBuffer buffer, int offset, int headerLength) {
        int at = offset + Ipv4Header.MIN_LENGTH;
        int end = offset + headerLength;
        while (at < end) {
            int kind = Wire.u8(buffer, at);
            int length = kind == NO_OPERATION ? 1 : at + 1 < end ? Wire.u8(buffer, at + 1) : 0;
            if (kind != NO_OPERATION && (length < 2 || at + length > end)) {
                break;
            }
            at += length;
        }
        // One without a length is broken where it begins.
        return Math.min(at + 1, end - 1) - offset;
    }

    /** Of a header that was checked: true when "Router shall examine packet" (RFC 2113, section 2.1) is among its options. */
    static boolean hasRouterAlert(DirectBuffer buffer, int offset, int headerLength) {
        int at = offset + Ipv4Header.MIN_LENGTH;
        int end = offset + headerLength;
        while (at < end && Wire.u8(buffer, at) != END) {
            int kind = Wire.u8(buffer, at);
            int length = kind == NO_OPERATION ? 1 : Wire.u8(buffer, at + 1);
            if (kind == ROUTER_ALERT && length == 4 && Wire.u16(buffer, at + 2) == 0) {
                return true;
            }
            at += length;
        }
        return false;
    }
}
