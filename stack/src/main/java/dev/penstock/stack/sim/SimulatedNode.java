package dev.penstock.stack.sim;

import dev.penstock.stack.timer.Deadline;

/** What links join in a {@link SimulatedNetwork}: a host, a switch, or a router. Runs only when something happens to it. */
public abstract class SimulatedNode {
    final SimulatedNetwork network;
    private final String name;
    private final Deadline wake = new Deadline() {
        @Override
        protected void onDeadline(long nowNs) {
            run(nowNs);
        }
    };
    /** Which part of a partitioned network this is in; 0 is the rest. */
    int island;

    SimulatedNode(SimulatedNetwork network, String name) {
        this.network = network;
        this.name = name;
    }

    /** As it was given; unique in its network. */
    public final String name() {
        return name;
    }

    final void plugIn(LinkEnd end) {
        if (end.network() != network) {
            throw new IllegalArgumentException(name + " and the link belong to two networks");
        }
        end.plug(this);
    }

    /** Has it run at {@code atNs}, or earlier if something is to happen earlier. */
    final void wakeAt(long atNs) {
        if (atNs < wake.atNs()) {
            network.schedule(wake, atNs);
        }
    }

    final void sleep() {
        network.cancel(wake);
    }

    /** A frame arrives at {@code end} at {@code dueNs}, before any other there. */
    void onNext(LinkEnd end, long dueNs, long nowNs) {
        wakeAt(dueNs);
    }

    /** Does what is due, and sees to it that it is woken for what comes next. */
    abstract void run(long nowNs);

    /** Ends it; nothing runs any more. */
    void close() {}

    /** What it has not given back, once closed; empty if nothing. */
    String leaks() {
        return "";
    }

    @Override
    public final String toString() {
        return name;
    }
}
