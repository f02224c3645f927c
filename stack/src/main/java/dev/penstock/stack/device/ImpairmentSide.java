package dev.penstock.stack.device;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What an {@link Impairment} does to the frames of one direction, and how often it did it. Each effect may be changed
 * at any time; a new one does nothing. One thread.
 *
 * <p>A frame passes, in this order: partition, script, loss, duplication; then each copy for itself: corruption, rate,
 * delay, reordering. What waits is bounded by {@link #queue}; at the limit the newest frame is dropped, as in a router,
 * and {@link #overflowed} counts it.
 */
public final class ImpairmentSide {
    private static final int DEFAULT_QUEUE = 1024;
    private static final int MAX_HELD = 64;
    private static final long DEFAULT_HOLD_NS = 10_000_000;

    private final RandomSource random;
    private final int frameCapacity;
    private FramePool pool;
    private DelayLine line;

    /** Frames that let others pass, each with the number of the frame that must go first and when to wait no more. */
    private final Frame[] held = new Frame[MAX_HELD];

    private final long[] heldBehind = new long[MAX_HELD];
    private final long[] heldUntilNs = new long[MAX_HELD];
    private int heldCount;

    private double loss;
    private double duplicate;
    private double corrupt;
    private double reorder;
    private int reorderBehind = 1;
    private long holdNs = DEFAULT_HOLD_NS;
    private long delayNs;
    private long jitterNs;
    private long bitsPerSecond;
    private FrameFilter script;
    private boolean partitioned;

    private long nowNs;
    private long busyUntilNs;
    private long entered;

    private long seen;
    private long lost;
    private long scripted;
    private long cutOff;
    private long duplicated;
    private long corrupted;
    private long reordered;
    private long overflowed;
    private long delivered;

    ImpairmentSide(RandomSource random, int frameCapacity) {
        this.random = random;
        this.frameCapacity = frameCapacity;
        queue(DEFAULT_QUEUE);
    }

    /** Loses each frame with this probability, 0 .. 1. */
    public ImpairmentSide loss(double probability) {
        loss = probability(probability);
        return this;
    }

    /** Sends each frame twice with this probability, 0 .. 1. */
    public ImpairmentSide duplicate(double probability) {
        duplicate = probability(probability);
        return this;
    }

    /**
     * Flips one bit of each frame with this probability, 0 .. 1: of its IP packet, whose checksums must notice. Other
     * frames, ARP among them, stay whole: what protects them on a real link is the Ethernet checksum, and a frame that
     * fails it is simply lost.
     */
    public ImpairmentSide corrupt(double probability) {
        corrupt = probability(probability);
        return this;
    }

    /**
     * Holds each frame back with this probability, 0 .. 1, until {@code behind} later ones have gone before it, but at
     * most {@code maxHoldNs}.
     */
    public ImpairmentSide reorder(double probability, int behind, long maxHoldNs) {
        if (behind < 1 || maxHoldNs < 0) {
            throw new IllegalArgumentException("behind " + behind + " frames, " + maxHoldNs + " ns");
        }
        reorder = probability(probability);
        reorderBehind = behind;
        holdNs = maxHoldNs;
        return this;
    }

    /** As {@link #reorder(double, int, long)}, at most 10 ms. */
    public ImpairmentSide reorder(double probability, int behind) {
        return reorder(probability, behind, DEFAULT_HOLD_NS);
    }

    /** Delays each frame by {@code ns} and a uniformly drawn part of {@code jitterNs}, which reorders too. */
    public ImpairmentSide delay(long ns, long jitterNs) {
        if (ns < 0 || jitterNs < 0) {
            throw new IllegalArgumentException("a delay of " + ns + " ns and up to " + jitterNs + " ns");
        }
        delayNs = ns;
        this.jitterNs = jitterNs;
        return this;
    }

    /** Lets frames through one after the other at this rate, bits per second of link-layer frames; 0 for no limit. */
    public ImpairmentSide rate(long bitsPerSecond) {
        if (bitsPerSecond < 0) {
            throw new IllegalArgumentException("a rate of " + bitsPerSecond + " bit/s");
        }
        this.bitsPerSecond = bitsPerSecond;
        return this;
    }

    /** The most frames that wait, 1 .. 65,536, initially 1,024. Only while none waits. */
    public ImpairmentSide queue(int frames) {
        if (frames < 1 || frames > 1 << 16) {
            throw new IllegalArgumentException("a queue of " + frames + " frames");
        }
        if (line != null && waiting() > 0) {
            throw new IllegalStateException(waiting() + " frames wait");
        }
        pool = new FramePool(frameCapacity, frames);
        line = new DelayLine(frames);
        return this;
    }

    /** Drops what {@code filter} matches; null for no script. */
    public ImpairmentSide drop(FrameFilter filter) {
        script = filter;
        return this;
    }

    /** Drops everything while {@code on}; what was on its way already arrives. */
    public ImpairmentSide partition(boolean on) {
        partitioned = on;
        return this;
    }

    /** Frames that came. */
    public long seen() {
        return seen;
    }

    /** Frames that went on, duplicates included. */
    public long delivered() {
        return delivered;
    }

    /** Frames lost by chance. */
    public long lost() {
        return lost;
    }

    /** Frames that the script dropped. */
    public long scripted() {
        return scripted;
    }

    /** Frames dropped by the partition. */
    public long cutOff() {
        return cutOff;
    }

    /** Frames sent twice. */
    public long duplicated() {
        return duplicated;
    }

    /** Frames in which a bit was flipped. */
    public long corrupted() {
        return corrupted;
    }

    /** Frames held back to let others pass. */
    public long reordered() {
        return reordered;
    }

    /** Frames dropped because too many waited, or because they were too long. */
    public long overflowed() {
        return overflowed;
    }

    /** Frames that wait now. */
    public int waiting() {
        return line.size() + heldCount;
    }

    boolean isFull() {
        return pool.outstanding() >= line.capacity();
    }

    void advance(long toNs) {
        nowNs = Math.max(nowNs, toNs);
        for (int i = 0; i < heldCount; ) {
            if (heldUntilNs[i] <= nowNs) {
                letGo(i, arrivalNs(held[i].length()));
            } else {
                i++;
            }
        }
    }

    /** A frame comes: copied as often as it shall go on. */
    void accept(Frame frame) {
        seen++;
        if (partitioned) {
            cutOff++;
        } else if (script != null && script.matches(frame)) {
            scripted++;
        } else if (chance(loss)) {
            lost++;
        } else {
            boolean twice = chance(duplicate);
            enqueue(frame);
            if (twice) {
                duplicated++;
                enqueue(frame);
            }
        }
    }

    private void enqueue(Frame frame) {
        int length = frame.length();
        Frame copy = length <= frameCapacity ? pool.acquire() : null;
        if (copy == null) {
            overflowed++;
            return;
        }
        frame.copyTo(copy.buffer(), copy.append(length));
        copy.rx().verified = frame.rx().verified;
        copy.rx().partial = frame.rx().partial;
        copy.rx().gsoSize = frame.rx().gsoSize;
        if (chance(corrupt)) {
            flipOneBit(copy);
        }
        entered++;
        if (heldCount < MAX_HELD && chance(reorder)) {
            reordered++;
            held[heldCount] = copy;
            heldBehind[heldCount] = entered + reorderBehind;
            heldUntilNs[heldCount] = nowNs + holdNs;
            heldCount++;
        } else {
            line.add(copy, arrivalNs(length));
        }
        for (int i = 0; i < heldCount; ) {
            if (heldBehind[i] <= entered) {
                letGo(i, arrivalNs(held[i].length()));
            } else {
                i++;
            }
        }
    }

    private long arrivalNs(int length) {
        long at = nowNs;
        if (bitsPerSecond > 0) {
            // At most 65,557 bytes: the product fits.
            long sendingNs = Math.max(1, length * 8_000_000_000L / bitsPerSecond);
            busyUntilNs = Math.max(nowNs, busyUntilNs) + sendingNs;
            at = busyUntilNs;
        }
        long jitter = jitterNs == 0 ? 0 : (long) (random.nextDouble() * jitterNs);
        return at + delayNs + jitter;
    }

    private void letGo(int i, long atNs) {
        line.add(held[i], atNs);
        heldCount--;
        for (int j = i; j < heldCount; j++) {
            held[j] = held[j + 1];
            heldBehind[j] = heldBehind[j + 1];
            heldUntilNs[j] = heldUntilNs[j + 1];
        }
        held[heldCount] = null;
    }

    private void flipOneBit(Frame copy) {
        UnsafeBuffer b = copy.buffer();
        int link = Packets.linkLength(b, copy.start(), copy.headLength());
        if (link < 0 || link == copy.headLength()) {
            return;
        }
        if (copy.rx().partial) {
            // A checksum that is not there cannot notice.
            Packets.completeChecksum(b, copy.start(), copy.headLength());
        }
        copy.rx().partial = false;
        copy.rx().verified = false;
        int bit = random.nextInt((copy.headLength() - link) * 8);
        int at = copy.start() + link + (bit >>> 3);
        b.putByte(at, (byte) (b.getByte(at) ^ 1 << (bit & 7)));
        corrupted++;
    }

    /** The first frame whose time has come, or null; {@link #remove} takes it off. */
    Frame due() {
        return line.nextNs() <= nowNs ? line.first() : null;
    }

    void remove() {
        delivered++;
        line.removeFirst().release();
    }

    /** When the next frame is due. */
    long nextDeadlineNs() {
        long next = line.nextNs();
        for (int i = 0; i < heldCount; i++) {
            next = Math.min(next, heldUntilNs[i]);
        }
        return next;
    }

    void clear() {
        while (line.size() > 0) {
            line.removeFirst().release();
        }
        while (heldCount > 0) {
            held[--heldCount].release();
            held[heldCount] = null;
        }
    }

    private boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    private static double probability(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("a probability must be in 0 .. 1: " + p);
        }
        return p;
    }
}
