package dev.penstock.stack.blocking;

import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.wire.IpAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;

/** The interfaces of a stack by name, as the zones of endpoints name them. Immutable; any thread. */
final class Zones {
    private final List<String> names;

    Zones(IpLayer ip) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < ip.interfaceCount(); i++) {
            all.add(ip.interfaceAt(i).name());
        }
        names = List.copyOf(all);
    }

    List<String> names() {
        return names;
    }

    /** The index of the interface that {@code zone} names or numbers (from 1), -1 for none. */
    int index(String zone) throws SocketException {
        if (zone.isEmpty()) {
            return -1;
        }
        int named = names.indexOf(zone);
        if (named >= 0) {
            return named;
        }
        int number = zone.matches("[0-9]{1,3}") ? Integer.parseInt(zone) : 0;
        if (number < 1 || number > names.size()) {
            throw new SocketException("No such interface: " + zone + " (there are: " + String.join(", ", names) + ")");
        }
        return number - 1;
    }

    /** The interface that an option, or else the zone of one of the ends, asks for, -1 for none; they must not differ. */
    int common(int option, Endpoint local, Endpoint remote) throws SocketException {
        int by = option;
        for (Endpoint end : new Endpoint[] {local, remote}) {
            int zone = end == null ? -1 : index(end.zone());
            if (by >= 0 && zone >= 0 && zone != by) {
                throw new SocketException("Bound to the interface " + names.get(by) + ", which is not that of " + end);
            }
            by = zone >= 0 ? zone : by;
        }
        return by;
    }

    /** An endpoint as people see it: with the zone, if its address means nothing without. */
    Endpoint endpoint(IpAddress address, int interfaceIndex, int port) {
        boolean zoned = interfaceIndex >= 0 && IpAddress.isLinkLocalV6(address.hi());
        return zoned ? new Endpoint(address, names.get(interfaceIndex), port) : new Endpoint(address, port);
    }
}
