package dev.penstock.conformance.packetdrill;

/** Some system calls of the kernel that belong together. */
abstract class KernelCallGroup {
    final KernelCalls calls;

    KernelCallGroup(KernelCalls calls) {
        this.calls = calls;
    }

    /**
     * The call with its arguments in memory.
     *
     * @return null if it is none of this group
     * @throws SkipException if there is no such constant
     */
    abstract NativeCall prepare(Arguments a) throws SkipException, ScriptException;

    /** The kernel's descriptor for argument {@code i}. */
    final KernelDescriptor descriptor(Arguments a, int i) throws SkipException, ScriptException {
        return calls.get(a.number(i));
    }
}
