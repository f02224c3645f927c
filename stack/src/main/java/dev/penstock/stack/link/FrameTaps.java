package dev.penstock.stack.link;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;

/** Who sees the frames of one device, its VLANs' included. Without anybody it costs a branch for each frame. */
final class FrameTaps {
    private final FrameTap[] taps = new FrameTap[EthernetPort.MAX_TAPS];
    private final int[] types = new int[EthernetPort.MAX_TAPS];
    int count;
    /** The shard's clock as of the last poll. */
    long nowNs;

    boolean open(int etherType, FrameTap tap) {
        if (count == taps.length) {
            return false;
        }
        types[count] = etherType;
        taps[count++] = tap;
        return true;
    }

    void close(FrameTap tap) {
        for (int i = count - 1; i >= 0; i--) {
            if (taps[i] == tap) {
                count--;
                System.arraycopy(taps, i + 1, taps, i, count - i);
                System.arraycopy(types, i + 1, types, i, count - i);
                taps[count] = null;
            }
        }
    }

    void show(Frame frame, boolean outgoing) {
        if (frame.headLength() < EthernetHeader.LENGTH) {
            return;
        }
        int type = EthernetHeader.type(frame.buffer(), frame.start());
        for (int i = 0; i < count; i++) {
            if (types[i] == EthernetPort.ANY_TYPE || types[i] == type) {
                taps[i].onFrame(frame, outgoing, nowNs);
            }
        }
    }
}
