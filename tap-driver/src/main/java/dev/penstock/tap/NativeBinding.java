package dev.penstock.tap;

import java.util.Locale;

/** The library through which the driver reaches the C library. Both do the same; JNR is the faster. */
public enum NativeBinding {
    /** JNR-FFI, the default. */
    JNR,
    /** JNA with direct mapping. */
    JNA;

    private static final class Holder {
        static final JnrLibC JNR = new JnrLibC();

        private Holder() {}
    }

    private static final class JnaHolder {
        static final JnaLibC JNA = new JnaLibC();

        private JnaHolder() {}
    }

    /**
     * The binding of that name, {@code jnr} or {@code jna} in any case.
     *
     * @throws IllegalArgumentException for any other name, in words for a command line
     */
    public static NativeBinding parse(String name) {
        return switch (name.trim().toLowerCase(Locale.ROOT)) {
            case "jnr" -> JNR;
            case "jna" -> JNA;
            default -> throw new IllegalArgumentException("unknown native binding '" + name + "': use jnr or jna");
        };
    }

    /**
     * The calls. The first use loads the library, 0.1 to 0.3 s.
     *
     * @throws TapException not Linux, not 64 bits, or the library did not load
     */
    LibC libC() throws TapException {
        Platform.requireLinux64();
        try {
            return this == JNR ? Holder.JNR : JnaHolder.JNA;
        } catch (LinkageError | RuntimeException e) {
            NativeBinding other = this == JNR ? JNA : JNR;
            throw new TapException(
                    "native binding " + name().toLowerCase(Locale.ROOT) + " did not load (" + rootCause(e)
                            + "): try the other one, --native "
                            + other.name().toLowerCase(Locale.ROOT),
                    e);
        }
    }

    private static String rootCause(Throwable t) {
        Throwable root = t;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage());
        int newline = message.indexOf('\n');
        return root.getClass().getSimpleName() + ": " + (newline < 0 ? message : message.substring(0, newline));
    }
}
