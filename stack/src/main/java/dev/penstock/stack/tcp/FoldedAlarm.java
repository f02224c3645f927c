package dev.penstock.stack.tcp;

import dev.penstock.stack.timer.Deadline;

/** Wakes a folded connection for the one timer that a quiet one may have: {@link Keepalive}'s. */
final class FoldedAlarm extends Deadline {
    private final ConnectionHandle handle;

    FoldedAlarm(ConnectionHandle handle) {
        this.handle = handle;
    }

    @Override
    protected void onDeadline(long nowNs) {
        // Unfolded, it has a timer of its own, which is due.
        handle.parts();
    }
}
