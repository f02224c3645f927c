package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.GroupRecord;

/**
 * The host side of IGMPv3 (RFC 3376, section 5) and of MLDv2 (RFC 3810, section 6), which is its translation, and of their
 * older versions (RFC 1112, RFC 2236, RFC 2710), on one interface: what changes is told, and told again; queries are answered
 * after a random delay; older queriers are spoken to in their version while they are there.
 *
 * <p>Input never emits: changes are told at the flush, queries are answered by deadlines.
 */
final class GroupReporter {
    /** With sources: IGMPv3, MLDv2. */
    static final int V3 = 3;
    /** A report for each group, and a message when it is left: IGMPv2, MLDv1. */
    static final int V2 = 2;
    /** Reports only: IGMPv1. */
    static final int V1 = 1;

    /** RFC 3376, 8.10 and RFC 3810, 9.11: the Unsolicited Report Interval. */
    private static final long UNSOLICITED = IpConfig.SECOND;
    /** RFC 2236, 8.10 and RFC 2710, 7.10: the same of the older versions. */
    private static final long UNSOLICITED_OLDER = 10 * IpConfig.SECOND;
    /** RFC 3376, 4.1.1 and 7.2.1: what a version 1 query stands for. */
    static final long V1_MAX_DELAY = 10 * IpConfig.SECOND;
    /** RFC 3376, 8.2: the Query Interval, until a querier tells its own. */
    private static final long QUERY_INTERVAL = 125 * IpConfig.SECOND;
    /** Sources of one question that are remembered; of more, all sources are told. */
    private static final int MAX_ASKED = 256;

    private final InterfaceGroups groups;
    private final GroupMessages messages;
    private final Counters counters;
    private final GroupTimers timers;
    private final int newest;
    private final int defaultRobustness;
    private final TokenBucket tokens;
    private final GroupReport report;
    private final SourceSet selected = new SourceSet();
    private final Deadline generalAnswer = new Deadline() {
        @Override
        protected void onDeadline(long nowNs) {
            answerGeneral(nowNs);
        }
    };
    private final Deadline repetition = new Deadline() {
        @Override
        protected void onDeadline(long nowNs) {
            markDirty();
        }
    };

    private boolean dirty;
    private int version;
    private long v2UntilNs = Long.MIN_VALUE;
    private long v1UntilNs = Long.MIN_VALUE;
    private int robustness;
    private long intervalNs = QUERY_INTERVAL;

    /** @param newest the newest version to speak */
    GroupReporter(
            InterfaceGroups groups,
            GroupMessages messages,
            MulticastConfig config,
            int newest,
            Counters counters,
            GroupTimers timers) {
        this.groups = groups;
        this.messages = messages;
        this.counters = counters;
        this.timers = timers;
        this.newest = newest;
        this.version = newest;
        this.defaultRobustness = config.robustness;
        this.robustness = config.robustness;
        this.tokens = new TokenBucket(config.reportsPerSecond, config.reportBurst);
        this.report = new GroupReport(messages, tokens);
    }

    /** Which version is spoken now. */
    int version() {
        return version;
    }

    private void markDirty() {
        dirty = true;
        timers.pending = true;
    }

    // What changes here.

    /** What is wanted of a group may have changed from {@code before}. */
    void onChange(MulticastGroup group, GroupFilter before) {
        markDirty();
        if (!group.reportable) {
            return;
        }
        GroupFilter now = group.state;
        if (before.exclude != now.exclude) {
            // RFC 3376, 5.1: "If a change of source list is followed by a change of filter mode", the whole list is
            // told with the mode.
            group.modeReports = robustness;
            group.changes.clear();
        } else {
            mark(group, before.sources, now.sources);
            mark(group, now.sources, before.sources);
        }
        if (!now.isMember()) {
            group.forgetQuestion();
        }
    }

    private void mark(MulticastGroup group, SourceSet some, SourceSet others) {
        for (int i = 0; i < some.size(); i++) {
            if (!others.contains(some.hi(i), some.lo(i))) {
                group.changes.mark(some.hi(i), some.lo(i), robustness);
            }
        }
    }

    /** The group is let go of. */
    void forget(MulticastGroup group) {
        timers.cancel(group);
    }

    /**
     * RFC 3590, 4: "Once a valid link-local address is available, a node SHOULD generate new MLD Report messages for all
     * multicast addresses joined on the interface."
     */
    void tellAll() {
        for (int i = 0; i < groups.count(); i++) {
            MulticastGroup group = groups.at(i);
            if (group.reportable && group.state.isMember()) {
                group.modeReports = Math.max(1, group.modeReports);
                group.told = false;
                markDirty();
            }
        }
    }

    // What is said of it.

    /** Tells what has changed. Returns how much there was to do. */
    int flush(long nowNs) {
        if (!dirty) {
            return 0;
        }
        dirty = false;
        if (messages.isActive()) {
            updateVersion(nowNs);
            if (version == V3) {
                tellChanges(nowNs);
            } else {
                tellPlain(nowNs);
            }
        } else {
            forgetLeft();
        }
        groups.sweep();
        return 1;
    }

    private void forgetLeft() {
        for (int i = 0; i < groups.count(); i++) {
            MulticastGroup group = groups.at(i);
            if (!group.state.isMember()) {
                group.modeReports = 0;
                group.changes.clear();
                group.told = false;
            }
        }
    }

    /**
     * RFC 3376, 5.1: "A change of interface state causes the system to immediately transmit a State-Change Report from that
     * interface"; "To cover the possibility of the State-Change Report being missed ... it is retransmitted [Robustness
     * Variable] - 1 more times, at intervals chosen at random from the range (0, [Unsolicited Report Interval])". What is still
     * to be told again goes with what is new.
     */
    private void tellChanges(long nowNs) {
        boolean any = false;
        for (int i = 0; i < groups.count(); i++) {
            any |= groups.at(i).hasChanges();
        }
        if (!any) {
            return;
        }
        if (!tokens.take(nowNs)) {
            counters.drop(messages.limited());
            timers.within(repetition, UNSOLICITED, nowNs);
            return;
        }
        report.begin(nowNs);
        boolean again = false;
        for (int i = 0; i < groups.count(); i++) {
            MulticastGroup group = groups.at(i);
            if (group.hasChanges()) {
                tellChange(group);
                again |= group.hasChanges();
            }
        }
        report.finish();
        if (again) {
            timers.within(repetition, UNSOLICITED, nowNs);
        } else {
            timers.cancel(repetition);
        }
    }

    private void tellChange(MulticastGroup group) {
        GroupFilter state = group.state;
        if (group.modeReports > 0) {
            group.modeReports--;
            report.add(state.exclude ? GroupRecord.TO_EXCLUDE : GroupRecord.TO_INCLUDE, group, state.sources);
        } else {
            // "If the computed source list for either an ALLOW or a BLOCK record is empty, that record is omitted".
            addChanged(group, true, GroupRecord.ALLOW);
            addChanged(group, false, GroupRecord.BLOCK);
        }
        group.changes.told();
        group.told = state.isMember();
    }

    private void addChanged(MulticastGroup group, boolean wanted, int type) {
        group.changes.select(group.state, wanted, selected);
        if (!selected.isEmpty()) {
            report.add(type, group, selected);
        }
    }

    /** RFC 2236, 3: a report at once for a group that is joined, and again; and that it is left, if the last report was ours. */
    private void tellPlain(long nowNs) {
        for (int i = 0; i < groups.count(); i++) {
            MulticastGroup group = groups.at(i);
            boolean member = group.reportable && group.state.isMember();
            group.modeReports = 0;
            group.changes.clear();
            if (member && !group.told) {
                group.told = true;
                group.repetitions = robustness - 1;
                reportPlain(group, nowNs);
            } else if (!member && group.told) {
                group.told = false;
                timers.cancel(group);
                // RFC 3376, 7.2.1: version 1 knows no such message.
                if (group.lastReporter && version == V2 && hasToken(nowNs)) {
                    messages.sendPlain(V2, true, group.hi, group.lo);
                    counters.count(messages.leavesOut());
                }
                group.lastReporter = false;
            }
        }
    }

    private boolean hasToken(long nowNs) {
        if (tokens.take(nowNs)) {
            return true;
        }
        counters.drop(messages.limited());
        return false;
    }

    private void reportPlain(MulticastGroup group, long nowNs) {
        if (hasToken(nowNs)) {
            messages.sendPlain(version, false, group.hi, group.lo);
            counters.count(messages.reportsOut());
            group.lastReporter = true;
        }
        if (group.repetitions > 0) {
            group.repetitions--;
            timers.within(group, UNSOLICITED_OLDER, nowNs);
        }
    }

    // What others say.

    /** A query came in, valid as far as its message goes. */
    void onQuery(GroupQuery query, long nowNs) {
        learn(query, nowNs);
        updateVersion(nowNs);
        if (version == V3) {
            if (query.general) {
                // RFC 3376, 5.2: "If there is a pending response to a previous General Query scheduled sooner than the
                // selected delay, no additional response needs to be scheduled."
                timers.hasten(generalAnswer, query.maxDelayNs, nowNs);
            } else {
                askOne(query, nowNs);
            }
            return;
        }
        long delay = version == V1 ? V1_MAX_DELAY : query.maxDelayNs;
        for (int i = 0; i < groups.count(); i++) {
            MulticastGroup group = groups.at(i);
            boolean asked = query.general || (group.lo == query.groupLo && group.hi == query.groupHi);
            // RFC 2236, 3: a timer that runs "is reset to the random value only if the requested Max Response Time is
            // less than the remaining value of the running timer".
            boolean later = group.isScheduled() && group.atNs() <= nowNs + delay;
            if (asked && group.reportable && group.state.isMember() && !later) {
                timers.within(group, delay, nowNs);
            }
        }
    }

    /** Robustness and interval of the querier, and which older queriers are there. */
    private void learn(GroupQuery query, long nowNs) {
        if (query.version == V3) {
            // RFC 3376, 4.1.6: hosts "adopt the QRV value from the most recently received Query as their own" unless
            // "zero".
            robustness = query.robustness != 0 ? query.robustness : defaultRobustness;
            intervalNs = query.intervalNs != 0 ? query.intervalNs : QUERY_INTERVAL;
        } else if (query.general) {
            // 8.12: "((the Robustness Variable) times (the Query Interval in the last Query received)) plus (one Query
            // Response Interval)."
            long until = nowNs + robustness * intervalNs + query.maxDelayNs;
            if (query.version == V2) {
                v2UntilNs = until;
            } else {
                v1UntilNs = until;
            }
        }
    }

    /**
     * RFC 3376, 7.2.1: the Host Compatibility Mode follows the older version querier present timers; "Whenever a host changes
     * its compatibility mode, it cancels all its pending response and retransmission timers."
     */
    private void updateVersion(long nowNs) {
        int wanted = nowNs < v1UntilNs ? V1 : nowNs < v2UntilNs ? V2 : V3;
        int next = Math.min(wanted, newest);
        if (next == version) {
            return;
        }
        version = next;
        timers.cancel(generalAnswer);
        timers.cancel(repetition);
        for (int i = 0; i < groups.count(); i++) {
            MulticastGroup group = groups.at(i);
            timers.cancel(group);
            group.forgetQuestion();
            group.repetitions = 0;
            group.changes.clear();
            // In version 3 nobody's report suppresses ours, so that ours may well have been the last.
            group.lastReporter = group.told;
            // What nobody has heard yet is no retransmission.
            group.modeReports = group.reportable && group.state.isMember() != group.told ? robustness : 0;
        }
    }

    /** RFC 3376, 5.2, rules 3 to 5: about one group, or about some sources of it. */
    private void askOne(GroupQuery query, long nowNs) {
        MulticastGroup group = groups.find(query.groupHi, query.groupLo);
        if (group == null || !group.reportable || !group.state.isMember()) {
            return;
        }
        if (query.sourceCount == 0 || query.sourceCount > MAX_ASKED) {
            group.askedAll = true;
            group.asked.clear();
        } else if (!group.askedAll) {
            for (int i = 0; i < query.sourceCount; i++) {
                group.asked.add(query.sourceHi(i), query.sourceLo(i));
            }
            if (group.asked.size() > MAX_ASKED) {
                group.askedAll = true;
                group.asked.clear();
            }
        }
        timers.hasten(group, query.maxDelayNs, nowNs);
    }

    /** RFC 2236, 3: "If the host receives another host's Report ... while it has a timer running, it stops its timer". */
    void onReport(long hi, long lo, long nowNs) {
        updateVersion(nowNs);
        MulticastGroup group = groups.find(hi, lo);
        if (version == V3 || group == null || !group.isScheduled()) {
            return;
        }
        timers.cancel(group);
        group.repetitions = 0;
        group.lastReporter = false;
    }

    // Answers.

    private void answerGeneral(long nowNs) {
        updateVersion(nowNs);
        if (version != V3 || !hasToken(nowNs)) {
            return;
        }
        report.begin(nowNs);
        for (int i = 0; i < groups.count(); i++) {
            MulticastGroup group = groups.at(i);
            if (group.reportable && group.state.isMember()) {
                addState(group);
            }
        }
        report.finish();
    }

    private void addState(MulticastGroup group) {
        GroupFilter state = group.state;
        report.add(state.exclude ? GroupRecord.IS_EXCLUDE : GroupRecord.IS_INCLUDE, group, state.sources);
    }

    /** The delay of one group is over. */
    void onGroupDeadline(MulticastGroup group, long nowNs) {
        updateVersion(nowNs);
        if (!group.state.isMember()) {
            return;
        }
        if (version != V3) {
            reportPlain(group, nowNs);
            return;
        }
        boolean all = group.askedAll;
        // RFC 3376, 5.2: of the sources that were asked for, B, "If the interface state is INCLUDE(A) ...
        // IS_IN(A*B)"; "If EXCLUDE(A) ... IS_IN(B-A)"; "If the resulting Current-State Record has an empty set of
        // source addresses, then no response is sent."
        selected.clear();
        for (int i = 0; i < group.asked.size(); i++) {
            if (group.state.accepts(group.asked.hi(i), group.asked.lo(i))) {
                selected.add(group.asked.hi(i), group.asked.lo(i));
            }
        }
        group.forgetQuestion();
        if ((all || !selected.isEmpty()) && hasToken(nowNs)) {
            report.begin(nowNs);
            if (all) {
                addState(group);
            } else {
                report.add(GroupRecord.IS_INCLUDE, group, selected);
            }
            report.finish();
        }
    }

    /** Forgets all that waits. */
    void close() {
        dirty = false;
        timers.cancel(generalAnswer);
        timers.cancel(repetition);
        for (int i = 0; i < groups.count(); i++) {
            timers.cancel(groups.at(i));
        }
    }
}
