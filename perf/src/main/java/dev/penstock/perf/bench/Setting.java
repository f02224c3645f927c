package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.stack.blocking.IdleMode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The conditions of a measurement, the same for all contenders as far as they apply.
 *
 * @param service what the serving end does
 * @param streams connections at once
 * @param message bytes that are handed over in one call
 * @param offload super-segments and unfinished checksums over the device
 * @param mode whether an idle thread spins or sleeps
 * @param congestion of the kernel's sockets and the stack's
 */
record Setting(
        Service service,
        int streams,
        int message,
        boolean offload,
        IdleMode mode,
        Placement placement,
        String congestion) {

    Setting with(IdleMode newMode) {
        return new Setting(service, streams, message, offload, newMode, placement, congestion);
    }

    Setting with(Placement newPlacement) {
        return new Setting(service, streams, message, offload, mode, newPlacement, congestion);
    }

    Setting withMessage(int bytes) {
        return new Setting(service, streams, bytes, offload, mode, placement, congestion);
    }

    /** Part of a figure's identity. */
    String id() {
        return service.name().toLowerCase(java.util.Locale.ROOT) + "." + streams + "." + message + "."
                + (offload ? "offload" : "plain") + "." + modeName() + "." + placementName();
    }

    private String placementName() {
        return placement.name().toLowerCase(java.util.Locale.ROOT);
    }

    String modeName() {
        return switch (mode) {
            case BUSY -> "spin";
            case HYBRID -> "hybrid";
            case BLOCKING -> "blocking";
        };
    }

    /** What is said beside a figure. */
    Map<String, String> conditions() {
        Map<String, String> c = new LinkedHashMap<>();
        c.put("mode", modeName());
        c.put("processors", placement.toString());
        c.put("offload", offload ? "on" : "off");
        c.put("cc", congestion);
        c.put("message", message + " B");
        c.put("streams", String.valueOf(streams));
        return c;
    }
}
