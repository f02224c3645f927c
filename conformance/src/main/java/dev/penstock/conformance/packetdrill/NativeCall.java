package dev.penstock.conformance.packetdrill;

/** One system call of Linux, its arguments in native memory: made in one thread, looked at in another afterwards. */
abstract class NativeCall {
    final NativeCalls n = NativeCalls.get();

    /** Makes the call; the result, or the negated errno. Any thread. */
    abstract long make();

    /** What an out-argument holds other than the script demands, or null; once the call was made without an error. */
    String differs(long result) throws SkipException, ScriptException {
        return null;
    }

    /** The descriptor that the call made, if {@code result} is one; null if it makes none. */
    KernelDescriptor opened(long result) {
        return null;
    }

    /** A call that is only its result. */
    @FunctionalInterface
    interface Body {
        long make(NativeCalls.Functions c);
    }

    static NativeCall of(Body body) {
        return new NativeCall() {
            @Override
            long make() {
                return n.told(body.make(n.c()));
            }
        };
    }

    /** A call that makes a descriptor of this family of addresses. */
    static NativeCall opening(int family, Body body) {
        return new NativeCall() {
            @Override
            long make() {
                return n.told(body.make(n.c()));
            }

            @Override
            KernelDescriptor opened(long result) {
                return new KernelDescriptor((int) result, family);
            }
        };
    }
}
