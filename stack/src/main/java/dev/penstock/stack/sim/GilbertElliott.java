package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;

/**
 * Loss in bursts: a path that is good or bad, loses with another probability in each of the two states, and may change
 * its state after each frame (Gilbert, "Capacity of a burst-noise channel", 1960; Elliott, 1963).
 *
 * @param toBad of going from good to bad, after a frame, 0 .. 1
 * @param toGood of going from bad to good, 0 .. 1; bad times last {@code 1 / toGood} frames on average
 * @param lossInGood of losing a frame in the good state, 0 .. 1
 * @param lossInBad in the bad state
 */
public record GilbertElliott(double toBad, double toGood, double lossInGood, double lossInBad) {
    /** Checks the ranges. */
    public GilbertElliott {
        for (double p : new double[] {toBad, toGood, lossInGood, lossInBad}) {
            LinkSide.probability(p);
        }
    }

    /**
     * Gilbert's own model, told by what it looks like: nothing is lost in good times, everything in bad ones.
     *
     * @param loss part of all frames that is lost in the long run, 0 .. 1 (exclusive)
     * @param burst average length of a run of lost frames, at least 1
     */
    public static GilbertElliott bursts(double loss, double burst) {
        if (!(loss >= 0 && loss < 1) || !(burst >= 1)) {
            throw new IllegalArgumentException("a loss of " + loss + " in bursts of " + burst);
        }
        double toGood = 1 / burst;
        double toBad = loss * toGood / (1 - loss);
        if (toBad > 1) {
            throw new IllegalArgumentException("bursts of " + burst + " frames are too short for a loss of " + loss);
        }
        return new GilbertElliott(toBad, toGood, 0, 1);
    }

    /** Part of all frames that is lost in the long run. */
    public double averageLoss() {
        double changes = toBad + toGood;
        double bad = changes == 0 ? 0 : toBad / changes;
        return lossInGood * (1 - bad) + lossInBad * bad;
    }

    /** Where a path is. */
    static final class State {
        private boolean bad;

        /** Whether the next frame is lost; then the state may change. Draws twice. */
        boolean loses(GilbertElliott model, RandomSource random) {
            boolean lost = random.nextDouble() < (bad ? model.lossInBad : model.lossInGood);
            if (random.nextDouble() < (bad ? model.toGood : model.toBad)) {
                bad = !bad;
            }
            return lost;
        }
    }
}
