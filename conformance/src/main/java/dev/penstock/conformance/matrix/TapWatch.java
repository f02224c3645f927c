package dev.penstock.conformance.matrix;

import dev.penstock.conformance.kernel.KernelLink;
import dev.penstock.conformance.wire.SegmentView;
import dev.penstock.conformance.wire.WireRules;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IpAddress;
import org.agrona.concurrent.UnsafeBuffer;

/** Shows the one connection of a cell to {@link WireRules}. The stack's thread. */
final class TapWatch {
    private static final int STACK_ADDRESS =
            (int) IpAddress.parse(KernelLink.STACK).lo();

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[Frame.HEADROOM + Frame.MAX_LENGTH]);
    private final SegmentView segment = new SegmentView();
    private final WireRules rules =
            new WireRules((ours, position) -> Exchange.byteAt(ours ? Side.STACK : Side.KERNEL, position), () -> false);

    /** A frame that the stack is handed. */
    void arrives(Frame frame) {
        if (view(frame) && segment.source != STACK_ADDRESS && segment.goodSums) {
            rules.arrives(segment);
        }
    }

    /** A frame that the stack sends. */
    void leaves(Frame frame) {
        if (view(frame) && segment.source == STACK_ADDRESS) {
            rules.leaves(segment);
        }
    }

    private boolean view(Frame frame) {
        frame.copyTo(bytes, 0);
        return segment.read(bytes, frame.length());
    }

    /** From any thread once the stack has ended. */
    WireRules rules() {
        return rules;
    }
}
