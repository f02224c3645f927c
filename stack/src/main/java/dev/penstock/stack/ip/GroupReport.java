package dev.penstock.stack.ip;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.GroupRecord;

/**
 * Writes group records into as many packets as they need (RFC 3376, section 4.2.16). Of each packet more than the first a
 * token is taken; without one, the rest is left out and counted: routers ask again.
 */
final class GroupReport {
    private final GroupMessages messages;
    private final TokenBucket tokens;
    private final int width;
    private Frame frame;
    private int records;
    private boolean givenUp;
    private boolean paid;
    private long nowNs;

    GroupReport(GroupMessages messages, TokenBucket tokens) {
        this.messages = messages;
        this.tokens = tokens;
        this.width = messages.width();
    }

    /** The first packet's token has been taken. */
    void begin(long now) {
        nowNs = now;
        givenUp = false;
        paid = true;
    }

    private boolean open() {
        if (frame != null) {
            return true;
        }
        if (!givenUp && !paid && !tokens.take(nowNs)) {
            messages.counters.drop(messages.limited());
            givenUp = true;
        }
        paid = false;
        frame = givenUp ? null : messages.begin(messages.maxPacket(), messages.headers());
        givenUp = frame == null;
        records = 0;
        return frame != null;
    }

    private int room() {
        return messages.maxPacket() - frame.headLength() - GroupRecord.length(width);
    }

    /** Adds a record, or several if its sources do not fit into one. */
    void add(int type, MulticastGroup group, SourceSet sources) {
        boolean whole = type == GroupRecord.IS_EXCLUDE || type == GroupRecord.TO_EXCLUDE;
        int from = 0;
        do {
            if (!open()) {
                return;
            }
            int left = sources.size() - from;
            int needed = whole ? left * width : Math.min(left, 1) * width;
            if (records > 0 && room() < needed) {
                finish();
                continue;
            }
            // 4.2.16: a record of mode EXCLUDE that does not fit is not split; its "remaining source addresses are not
            // reported".
            int n = Math.min(left, room() / width);
            append(type, group, sources, from, n);
            from = whole ? sources.size() : from + n;
        } while (frame == null || from < sources.size());
    }

    private void append(int type, MulticastGroup group, SourceSet sources, int from, int n) {
        int at = frame.append(GroupRecord.length(width) + n * width);
        GroupRecord.put(frame.buffer(), at, type, n, group.hi, group.lo, width);
        for (int i = 0; i < n; i++) {
            int place = at + GroupRecord.length(width) + i * width;
            GroupRecord.putAddress(frame.buffer(), place, sources.hi(from + i), sources.lo(from + i), width);
        }
        records++;
    }

    /** Sends what was added, if anything. */
    void finish() {
        if (frame != null) {
            Frame full = frame;
            frame = null;
            messages.sendRecords(full, records);
            messages.counters.count(messages.reportsOut());
        }
    }
}
