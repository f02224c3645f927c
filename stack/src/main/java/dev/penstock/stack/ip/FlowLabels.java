package dev.penstock.stack.ip;

import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Wire;

/**
 * Flow labels of what we send (RFC 6437): the same for all packets of a flow, not to be guessed by others, and without
 * state: a keyed hash of addresses, ports and protocol (section 3 and appendix A).
 */
final class FlowLabels {
    private static final int MASK = 0xf_ffff;

    private final SipHash hash;

    FlowLabels(SipHash hash) {
        this.hash = hash;
    }

    /** The part of the hash that all flows between two addresses have in common. */
    long seed(long srcHi, long srcLo, long dstHi, long dstLo) {
        return hash.hash(srcHi, srcLo, dstHi, dstLo, 0);
    }

    /** The label of a packet whose transport header begins where the frame does. */
    int of(long seed, int protocol, Frame frame) {
        boolean ports = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
        long both = ports ? Wire.u32(frame.buffer(), frame.start()) : 0;
        int label = (int) hash.hash(seed, both << 8 | protocol) & MASK;
        // "A Flow Label of zero is used to indicate packets that have not been labeled."
        return label == 0 ? 1 : label;
    }
}
