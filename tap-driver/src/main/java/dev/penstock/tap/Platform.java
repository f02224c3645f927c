package dev.penstock.tap;

/** What the driver asks of the platform before it makes a native call. */
final class Platform {
    private Platform() {}

    static void requireLinux64() throws TapException {
        requireLinux64(System.getProperty("os.name"), System.getProperty("sun.arch.data.model", "64"));
    }

    static void requireLinux64(String osName, String dataModel) throws TapException {
        if (!osName.equals("Linux")) {
            throw new TapException("TAP devices need Linux, this is " + osName
                    + ": run on Linux, or use the in-memory demo, which needs no device");
        }
        if (!dataModel.equals("64")) {
            throw new TapException("the TAP driver needs a 64-bit JVM, this one has " + dataModel + " bits");
        }
    }
}
