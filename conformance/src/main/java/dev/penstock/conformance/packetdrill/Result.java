package dev.penstock.conformance.packetdrill;

/**
 * What a system call answered.
 *
 * @param value as C sees it; -1 with {@code errno}
 * @param errno null if none was set
 * @param opened a descriptor that the call made and that has no number yet, or null
 * @param difference what an out-argument holds other than what the script demands; null if nothing
 */
record Result(long value, Errno errno, Descriptor opened, String difference) {
    static final Result OK = of(0);

    static Result of(long value) {
        return new Result(value, null, null, null);
    }

    static Result error(Errno errno) {
        return new Result(-1, errno, null, null);
    }

    static Result opened(Descriptor descriptor) {
        return new Result(0, null, descriptor, null);
    }

    /** This, and what is wrong with an out-argument: null for nothing. */
    Result differing(String what) {
        return what == null || difference != null ? this : new Result(value, errno, opened, what);
    }

    @Override
    public String toString() {
        return errno == null ? Long.toString(value) : "-1 " + errno;
    }
}
