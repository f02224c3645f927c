package dev.penstock.apps.trace;

import java.util.ArrayList;
import java.util.List;

/** The times in which losses were being repaired, and the events that are marked. */
final class Phases {
    /** One phase, named after the event that began it; {@code ended} is false if the trace ends first. */
    record Phase(TraceKind cause, long fromNs, long toNs, boolean ended) {}

    /** Something that happens at a moment. */
    record Mark(TraceKind kind, long timeNs) {}

    final List<Phase> phases = new ArrayList<>();
    final List<Mark> marks = new ArrayList<>();
    int recoveries;
    int timeouts;
    int undos;
    int tailLossProbes;

    /** @param nearNs what is closer together than this cannot be told apart in the picture */
    static Phases of(TraceData data, long nearNs) {
        Phases p = new Phases();
        TraceKind cause = null;
        long since = 0;
        for (int i = 0; i < data.samples.size(); i++) {
            TraceKind kind = data.sampleKind(i);
            long time = data.samples.get(i, TraceData.TIME);
            p.count(kind, time, nearNs);
            boolean begins =
                    kind == TraceKind.ENTER_RECOVERY || kind == TraceKind.ENTER_CWR || kind == TraceKind.TIMEOUT;
            boolean ends = kind == TraceKind.LEAVE_RECOVERY || kind == TraceKind.UNDO;
            if (cause != null && (ends || begins && kind != cause)) {
                p.add(new Phase(cause, since, time, true), nearNs);
                cause = null;
            }
            if (begins && cause == null) {
                cause = kind;
                since = time;
            }
        }
        if (cause != null) {
            p.add(new Phase(cause, since, data.lastNs, false), nearNs);
        }
        return p;
    }

    private void count(TraceKind kind, long time, long nearNs) {
        switch (kind) {
            case ENTER_RECOVERY -> recoveries++;
            case TIMEOUT -> timeouts++;
            case UNDO -> undos++;
            case TAIL_LOSS_PROBE -> tailLossProbes++;
            default -> {}
        }
        boolean marked = kind == TraceKind.TIMEOUT
                || kind == TraceKind.UNDO
                || kind == TraceKind.TAIL_LOSS_PROBE
                || kind == TraceKind.WINDOW_PROBE
                || kind == TraceKind.ENTER_CWR;
        if (!marked) {
            return;
        }
        for (int i = marks.size() - 1; i >= 0 && time - marks.get(i).timeNs < 8 * nearNs; i--) {
            if (marks.get(i).kind == kind) {
                return;
            }
        }
        marks.add(new Mark(kind, time));
    }

    private void add(Phase phase, long nearNs) {
        int last = phases.size() - 1;
        if (last >= 0 && phases.get(last).cause == phase.cause && phase.fromNs - phases.get(last).toNs < nearNs) {
            phases.set(last, new Phase(phase.cause, phases.get(last).fromNs, phase.toNs, phase.ended));
        } else {
            phases.add(phase);
        }
    }
}
