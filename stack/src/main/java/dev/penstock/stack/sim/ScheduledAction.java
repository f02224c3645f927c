package dev.penstock.stack.sim;

import dev.penstock.stack.timer.Deadline;

/** Something that happens at a moment of the network's time, once. */
public final class ScheduledAction {
    private final SimulatedNetwork network;
    private final Runnable action;
    private final Deadline deadline = new Deadline() {
        @Override
        protected void onDeadline(long nowNs) {
            action.run();
        }
    };

    ScheduledAction(SimulatedNetwork network, Runnable action) {
        this.network = network;
        this.action = action;
    }

    void scheduleAt(long atNs) {
        network.schedule(deadline, atNs);
    }

    /** Whether it is still to happen. */
    public boolean isPending() {
        return deadline.isScheduled();
    }

    /** It will not happen, if it has not. */
    public void cancel() {
        network.cancel(deadline);
    }
}
