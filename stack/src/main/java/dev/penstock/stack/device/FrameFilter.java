package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;

/** Picks frames, for scripted impairments. May keep count of what it has seen: it is asked once for each frame. */
@FunctionalInterface
public interface FrameFilter {
    /** True for a frame that is meant; the frame, a link-layer frame, must not be changed nor kept. */
    boolean matches(Frame frame);

    /** Matches only the {@code n}-th frame, counted from 1, that {@code filter} matches: "drop the third SYN". */
    static FrameFilter nth(int n, FrameFilter filter) {
        return new FrameFilter() {
            private int matched;

            @Override
            public boolean matches(Frame frame) {
                return filter.matches(frame) && ++matched == n;
            }
        };
    }
}
