package dev.penstock.stack.buffer;

import java.util.ArrayDeque;

/**
 * Frames of one size, reused, with a hard limit. One thread. At the limit {@link #acquire()} answers null and
 * {@link #exhausted()} counts it; the caller drops or waits.
 */
public final class FramePool {
    private final int frameCapacity;
    private final int maxFrames;
    private final ArrayDeque<Frame> free = new ArrayDeque<>();
    private int created;
    private long exhausted;

    /**
     * @param frameCapacity bytes that each frame holds behind its headroom
     * @param maxFrames the most frames that exist at once; they are made as they are first needed
     */
    public FramePool(int frameCapacity, int maxFrames) {
        if (frameCapacity < 1 || frameCapacity > Frame.MAX_LENGTH || maxFrames < 1) {
            throw new IllegalArgumentException("frameCapacity " + frameCapacity + ", maxFrames " + maxFrames);
        }
        this.frameCapacity = frameCapacity;
        this.maxFrames = maxFrames;
    }

    /** An empty frame, or null at the limit. */
    public Frame acquire() {
        Frame frame = free.pollLast();
        if (frame == null) {
            if (created == maxFrames) {
                exhausted++;
                return null;
            }
            created++;
            frame = new Frame(frameCapacity, this);
        }
        frame.inUse = true;
        return frame;
    }

    void release(Frame frame) {
        if (!frame.inUse) {
            throw new IllegalStateException("a frame was released twice");
        }
        frame.inUse = false;
        frame.reset();
        free.addLast(frame);
    }

    /** Bytes that each frame holds behind its headroom. */
    public int frameCapacity() {
        return frameCapacity;
    }

    /** How many frames are in use now. */
    public int outstanding() {
        return created - free.size();
    }

    /** How often {@link #acquire()} answered null. */
    public long exhausted() {
        return exhausted;
    }

    /** Throws {@link IllegalStateException} if a frame is still in use: leaks are failures. */
    public void assertAllReturned() {
        if (outstanding() != 0) {
            throw new IllegalStateException(outstanding() + " frame(s) were not returned to their pool");
        }
    }
}
