package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.timer.Deadline;

/** Frames that wait until a number of later ones have gone before them, or until they have waited long enough. Bounded. */
final class HeldFrames extends Deadline {
    private static final int MAX = 64;

    private final LinkSide side;
    private final SimulatedNetwork network;
    private final Frame[] frames = new Frame[MAX];
    /** The number of the frame that must go first. */
    private final long[] behind = new long[MAX];

    private final long[] untilNs = new long[MAX];
    private int count;
    private long passed;

    HeldFrames(LinkSide side, SimulatedNetwork network) {
        this.side = side;
        this.network = network;
    }

    boolean hasRoom() {
        return count < MAX;
    }

    void hold(Frame frame, int framesToPass, long atMostNs, long nowNs) {
        frames[count] = frame;
        behind[count] = passed + framesToPass;
        untilNs[count] = nowNs + atMostNs;
        count++;
        schedule();
    }

    /** One more frame has gone. */
    void pass(long nowNs) {
        passed++;
        letGo(nowNs);
    }

    @Override
    protected void onDeadline(long nowNs) {
        letGo(nowNs);
    }

    private void letGo(long nowNs) {
        boolean some = false;
        for (int i = 0; i < count; ) {
            if (behind[i] > passed && untilNs[i] > nowNs) {
                i++;
                continue;
            }
            Frame frame = frames[i];
            count--;
            for (int j = i; j < count; j++) {
                frames[j] = frames[j + 1];
                behind[j] = behind[j + 1];
                untilNs[j] = untilNs[j + 1];
            }
            frames[count] = null;
            some = true;
            side.release(frame, nowNs);
        }
        if (some) {
            schedule();
        }
    }

    private void schedule() {
        long next = NEVER;
        for (int i = 0; i < count; i++) {
            next = Math.min(next, untilNs[i]);
        }
        network.schedule(this, next);
    }

    void clear() {
        while (count > 0) {
            frames[--count].release();
            frames[count] = null;
        }
        network.cancel(this);
    }
}
