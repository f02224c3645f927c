package dev.penstock.stack.link;

import dev.penstock.stack.buffer.Frame;

/** A network protocol, as the link layer sees it. Declared on the floor below, so that the link layer knows none. */
@FunctionalInterface
public interface EtherTypeHandler {
    /**
     * A frame of this type arrived for us. The bytes are valid during the call; input never emits.
     *
     * @param port where it came in; {@link EthernetPort#drop} counts it if it goes no further
     * @param frame the whole frame, for its offload flags; the link layer's until the call returns
     * @param offset where the payload begins in {@code frame.buffer()}
     * @param length bytes of payload, with whatever padding the frame had at its end
     * @param sourceMac who sent it on this link: a unicast address that is not ours
     * @param toGroup the frame was sent to a broadcast or multicast address
     */
    void onPayload(EthernetPort port, Frame frame, int offset, int length, long sourceMac, boolean toGroup, long nowNs);
}
