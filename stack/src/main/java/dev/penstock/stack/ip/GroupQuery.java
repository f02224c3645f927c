package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/** A query as it came, of either protocol: a reusable description, valid during the upcall only. */
final class GroupQuery {
    /** As {@link GroupReporter#V3} and so on; MLDv2 asks as IGMPv3 does, MLDv1 as IGMPv2. */
    int version;
    /** An "any" address in a general query. */
    long groupHi;

    long groupLo;
    boolean general;
    /** How long an answer may be put off. */
    long maxDelayNs;
    /** The querier's robustness variable; 0 if it does not tell. */
    int robustness;
    /** The querier's query interval; 0 if it does not tell. */
    long intervalNs;

    int sourceCount;
    DirectBuffer buffer;
    int sourceOffset;
    /** Bytes of an address: 4 or 16. */
    int width;

    long sourceHi(int i) {
        return width == 4 ? 0 : Wire.i64(buffer, sourceOffset + 16 * i);
    }

    long sourceLo(int i) {
        return width == 4
                ? IpAddress.v4(Wire.i32(buffer, sourceOffset + 4 * i))
                : Wire.i64(buffer, sourceOffset + 16 * i + 8);
    }
}
