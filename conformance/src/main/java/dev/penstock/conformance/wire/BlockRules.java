package dev.penstock.conformance.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What SACK blocks have to obey (RFC 2018, sections 3 and 4; RFC 2883, section 4), given what has arrived. */
final class BlockRules {
    private final Ranges received;
    private final Ranges sure;
    private final Ranges twice;
    private final Consumer<String> broken;
    /** Where the segments of the last burst began; it may be answered by several acknowledgments. */
    private final List<Long> burst = new ArrayList<>();

    private boolean burstOver;

    /**
     * @param received all that has arrived
     * @param sure what of it the receiver cannot have refused
     * @param twice what has arrived more than once
     */
    BlockRules(Ranges received, Ranges sure, Ranges twice, Consumer<String> broken) {
        this.received = received;
        this.sure = sure;
        this.twice = twice;
        this.broken = broken;
    }

    void onArrival(long from, long to) {
        if (burstOver) {
            burst.clear();
            burstOver = false;
        }
        if (to > from) {
            burst.add(from);
        }
    }

    /** Checks the blocks of an acknowledgment of everything before {@code ack}. */
    void check(SegmentView s, int iss, long ack) {
        int first = 0;
        if (s.blocks > 0 && isDuplicate(s, iss, ack)) {
            first = 1;
            rule(twice.contains(s.left[0] - iss, s.right[0] - iss), s, iss, 0, "a DSACK block of what came once");
        }
        for (int i = first; i < s.blocks; i++) {
            long left = SegmentView.distance(iss, s.left[i]);
            long right = SegmentView.distance(iss, s.right[i]);
            rule(left < right, s, iss, i, "an empty block");
            rule(left > ack, s, iss, i, "a block that is not above the acknowledgment");
            // RFC 2018, section 3: "Each block represents received bytes of data that are contiguous and isolated".
            rule(received.contains(left, right), s, iss, i, "a block of what has not arrived");
            rule(!sure.contains(right) && !sure.contains(left - 1), s, iss, i, "a block that is not isolated");
            for (int j = first; j < i; j++) {
                rule(s.left[i] != s.left[j], s, iss, i, "the same block twice");
            }
        }
        // "If sent at all, SACK options SHOULD be included in all ACKs which do not ACK the highest sequence number in
        // the data receiver's queue." Here: in those without data, of which each segment out of order gets one.
        boolean due = s.sequenceLength() == 0 && sure.end() > ack;
        rule(!due || s.blocks > first, s, iss, -1, "no SACK block, but data to " + sure.end() + " has arrived");
        burstOver = true;
        // RFC 2018, section 4: "The first SACK block ... MUST specify the contiguous block of data containing the
        // segment which triggered this ACK, unless that segment advanced the Acknowledgment Number field in the
        // header."
        // One with data is an answer to no segment in particular.
        if (s.sequenceLength() == 0
                && s.blocks > first
                && !burst.isEmpty()
                && burst.stream().allMatch(from -> from > ack)) {
            int f = first;
            boolean has = burst.stream().anyMatch(from -> s.left[f] - iss <= from && from < s.right[f] - iss);
            rule(has, s, iss, first, "the first block is none of the last burst, which began at " + burst);
        }
    }

    /** RFC 2883, section 4: the first block is below the acknowledgment, or part of the second. */
    private static boolean isDuplicate(SegmentView s, int iss, long ack) {
        long left = SegmentView.distance(iss, s.left[0]);
        long right = SegmentView.distance(iss, s.right[0]);
        return right <= ack || s.blocks > 1 && left >= s.left[1] - iss && right <= s.right[1] - iss;
    }

    private void rule(boolean kept, SegmentView s, int iss, int block, String what) {
        if (!kept) {
            StringBuilder all = new StringBuilder(what);
            for (int i = 0; i < s.blocks; i++) {
                all.append(i == block ? " *" : " ")
                        .append(s.left[i] - iss)
                        .append("..")
                        .append(s.right[i] - iss);
            }
            broken.accept(all.toString());
        }
    }
}
