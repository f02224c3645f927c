package dev.penstock.stack.ip;

import dev.penstock.stack.timer.Deadline;
import java.util.Arrays;

/**
 * A group on an interface: who is in it, what they want together (RFC 3376, section 3.2), and what is still to be told to the
 * routers about it. As a deadline, the answer to a query about it, or the repetition of its first report.
 */
final class MulticastGroup extends Deadline {
    private static final GroupMembership[] NOBODY = {};

    final GroupReporter reporter;
    final long hi;
    final long lo;
    /** Routers are told of it: of all but the group of all systems, and those that never leave this host. */
    final boolean reportable;
    /** What the interface receives: the memberships merged. */
    final GroupFilter state = new GroupFilter();

    /** What the stack itself is in, neighbour discovery for instance: any source. */
    int ownUses;

    private GroupMembership[] members = NOBODY;
    private int memberCount;

    // Of the reporter. What is to be told with sources, and in how many more reports:
    int modeReports;
    final SourceChanges changes = new SourceChanges();
    /** Routers were told that we are in it. */
    boolean told;

    // What is to be told to older queriers:
    int repetitions;
    /** "... the flag is set if we were the last host to report": then we say that we leave. */
    boolean lastReporter;

    // What was asked about it: all, or these sources.
    boolean askedAll;
    final SourceSet asked = new SourceSet();

    MulticastGroup(GroupReporter reporter, long hi, long lo, boolean reportable) {
        this.reporter = reporter;
        this.hi = hi;
        this.lo = lo;
        this.reportable = reportable;
    }

    void add(GroupMembership member) {
        if (memberCount == members.length) {
            members = Arrays.copyOf(members, Math.max(2, memberCount * 2));
        }
        members[memberCount++] = member;
    }

    boolean remove(GroupMembership member) {
        for (int i = 0; i < memberCount; i++) {
            if (members[i] == member) {
                members[i] = members[--memberCount];
                members[memberCount] = null;
                return true;
            }
        }
        return false;
    }

    int memberCount() {
        return memberCount;
    }

    /** Sources of all memberships together. */
    int sourceCount() {
        int n = 0;
        for (int i = 0; i < memberCount; i++) {
            n += members[i].filter.sources.size();
        }
        return n;
    }

    /**
     * RFC 3376, 3.2: "If any such record has a filter mode of EXCLUDE, then the filter mode of the interface record is EXCLUDE,
     * and the source list of the interface record is the intersection of the source lists of all the EXCLUDE mode records
     * minus those source addresses that appear in any of the INCLUDE mode records"; otherwise it "is the union of the source
     * lists of all the INCLUDE mode records."
     */
    void merge() {
        state.clear();
        boolean excluding = ownUses > 0;
        state.exclude = excluding;
        for (int i = 0; i < memberCount; i++) {
            GroupFilter filter = members[i].filter;
            if (filter.exclude) {
                state.exclude = true;
                if (excluding) {
                    state.sources.retainAll(filter.sources);
                } else {
                    state.sources.copyFrom(filter.sources);
                }
                excluding = true;
            }
        }
        for (int i = 0; i < memberCount; i++) {
            GroupFilter filter = members[i].filter;
            if (!filter.exclude) {
                if (state.exclude) {
                    state.sources.removeAll(filter.sources);
                } else {
                    state.sources.addAll(filter.sources);
                }
            }
        }
    }

    boolean hasChanges() {
        return modeReports > 0 || !changes.isEmpty();
    }

    /** Nothing is to be remembered of it. */
    boolean isOver() {
        return ownUses == 0 && memberCount == 0 && !hasChanges() && !told;
    }

    void forgetQuestion() {
        askedAll = false;
        asked.clear();
    }

    @Override
    protected void onDeadline(long nowNs) {
        reporter.onGroupDeadline(this, nowNs);
    }
}
