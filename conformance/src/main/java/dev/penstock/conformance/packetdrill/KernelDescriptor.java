package dev.penstock.conformance.packetdrill;

/**
 * A file descriptor of the kernel's.
 *
 * @param fd as this process knows it
 * @param family AF_INET or AF_INET6; 0 for what is no socket
 */
record KernelDescriptor(int fd, int family) {
    boolean v6() {
        return family == NativeBytes.AF_INET6;
    }
}
