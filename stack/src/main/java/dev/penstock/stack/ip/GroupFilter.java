package dev.penstock.stack.ip;

/**
 * Which sources of a group are wanted: a filter mode and a source list (RFC 3376, section 3), by a socket or, merged, by all
 * of an interface. INCLUDE of no sources means that nobody is a member.
 */
final class GroupFilter {
    /** The mode: EXCLUDE takes all but the sources, INCLUDE only the sources. */
    boolean exclude;

    final SourceSet sources = new SourceSet();

    boolean isMember() {
        return exclude || !sources.isEmpty();
    }

    boolean accepts(long srcHi, long srcLo) {
        return sources.contains(srcHi, srcLo) != exclude;
    }

    void copyFrom(GroupFilter other) {
        exclude = other.exclude;
        sources.copyFrom(other.sources);
    }

    void clear() {
        exclude = false;
        sources.clear();
    }
}
