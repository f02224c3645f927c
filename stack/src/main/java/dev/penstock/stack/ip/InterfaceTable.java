package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpAddress;

/** The interfaces of a shard, in the order of their numbers, and what depends on all of them: whose an address is. */
final class InterfaceTable {
    private final boolean strong;
    private final IpInterface[] interfaces;
    private int count;

    InterfaceTable(HostModel model, int limit) {
        this.strong = model == HostModel.STRONG;
        this.interfaces = new IpInterface[limit];
    }

    int count() {
        return count;
    }

    IpInterface at(int i) {
        return interfaces[i];
    }

    void add(IpInterface nic) {
        interfaces[count++] = nic;
    }

    /** See {@link IpLayer#interfaceNamed}. */
    IpInterface named(String nameOrNumber) {
        for (int i = 0; i < count; i++) {
            boolean named = interfaces[i].name().equals(nameOrNumber);
            if (named || Integer.toString(interfaces[i].zoneId()).equals(nameOrNumber)) {
                return interfaces[i];
            }
        }
        return null;
    }

    /** An address of ours that may be used. */
    boolean isLocal(long hi, long lo) {
        for (int i = 0; i < count; i++) {
            if (interfaces[i].findUsable(hi, lo) != null) {
                return true;
            }
        }
        return false;
    }

    /** True when packets to this address of ours may come in at {@code nic}: see {@link HostModel}. */
    boolean isLocalAt(IpInterface nic, long hi, long lo) {
        return strong || IpAddress.isLinkLocalV6(hi) ? nic.findUsable(hi, lo) != null : isLocal(hi, lo);
    }

    /** The limited broadcast address, or the directed one of a network of ours. */
    boolean isBroadcast(long hi, long lo) {
        if (!IpAddress.isV4(hi, lo)) {
            return false;
        }
        if ((int) lo == -1) {
            return true;
        }
        for (int i = 0; i < count; i++) {
            if (interfaces[i].isDirectedBroadcast(hi, lo)) {
                return true;
            }
        }
        return false;
    }

    /** The interface by which packets from this address must leave, null for any: see {@link HostModel}. */
    IpInterface ofSource(long hi, long lo) {
        for (int i = 0; i < count && strong; i++) {
            if (interfaces[i].findUsable(hi, lo) != null) {
                return interfaces[i];
            }
        }
        return null;
    }

    /** Where broadcasts to this address leave: where it is one, the bound source is, or the first that is up. */
    IpInterface ofBroadcast(long hi, long lo, long srcHi, long srcLo, boolean anySource) {
        for (int i = 0; i < count; i++) {
            IpInterface nic = interfaces[i];
            boolean here = (int) lo == -1
                    ? anySource || nic.findUsable(srcHi, srcLo) != null
                    : nic.isDirectedBroadcast(hi, lo);
            if (here && nic.port().isUp()) {
                return nic;
            }
        }
        return null;
    }

    /** Where packets to an address of one link leave: the interface that the bound source is of, or the first. */
    IpInterface ofLink(long srcHi, long srcLo, boolean anySource) {
        for (int i = 0; i < count; i++) {
            IpInterface nic = interfaces[i];
            boolean here = anySource ? nic.hasV6() : nic.findUsable(srcHi, srcLo) != null;
            if (here && nic.port().isUp()) {
                return nic;
            }
        }
        return null;
    }
}
