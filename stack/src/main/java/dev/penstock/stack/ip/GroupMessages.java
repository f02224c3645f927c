package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;

/** How IGMP or MLD puts on the wire what {@link GroupReporter} has to say on one interface. */
abstract class GroupMessages {
    /** No larger than this, whatever the MTU. */
    private static final int LARGEST = 1500;

    final IpInterface nic;
    final PendingQueue pending;
    final Counters counters;

    GroupMessages(IpInterface nic, PendingQueue pending, Counters counters) {
        this.nic = nic;
        this.pending = pending;
        this.counters = counters;
    }

    /** Bytes of an address: 4 or 16. */
    abstract int width();

    /** The protocol is spoken here. */
    abstract boolean isActive();

    /** False for the groups that are never reported. */
    abstract boolean isReportable(long hi, long lo);

    /** Bytes before the first group record: IP header with its router alert, and the report's. */
    abstract int headers();

    /** Sends a report with records: the frame has {@link #headers} bytes for them, and the records. The frame is given away. */
    abstract void sendRecords(Frame frame, int records);

    /** Sends a report, or that a group is left, as version {@link GroupReporter#V1} or {@link GroupReporter#V2} has it. */
    abstract void sendPlain(int version, boolean leave, long hi, long lo);

    /** Why and how often reports were put off or left out. */
    abstract DropReason limited();

    abstract StackCounter reportsOut();

    abstract StackCounter leavesOut();

    /** The longest packet with records, bytes. */
    final int maxPacket() {
        return Math.min(nic.mtu(), LARGEST);
    }

    /** A frame for a packet of {@code length} bytes, all of it to be filled, or null (counted). */
    final Frame begin(int capacity, int length) {
        Frame frame = pending.acquire(capacity);
        if (frame != null) {
            frame.append(length);
        }
        return frame;
    }
}
