package dev.penstock.perf.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An IPv4 socket of the kernel, in the network namespace of the thread that opens it; it works from any thread. Setting it up
 * throws; moving data answers bytes or a negated errno, and allocates nothing. Waits of blocking calls end after {@link
 * #TIMEOUT_S} seconds, so that nothing hangs for ever.
 */
public final class KernelSocket implements AutoCloseable {
    /** The longest that a blocking call waits, seconds. */
    public static final int TIMEOUT_S = 10;

    /** Negated errno: nothing there yet, no room yet, or the time is over. */
    public static final int EAGAIN = -11;

    private static final int AF_INET = 2;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x8_0000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_LINGER = 13;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_UDP = 17;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_CONGESTION = 13;
    private static final int UDP_SEGMENT = 103;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SHUT_WR = 1;
    private static final int SHUT_RDWR = 2;
    private static final int POLLIN = 1;
    private static final int SOCKADDR_LENGTH = 16;

    private final UnsafeBuffer scratch = new UnsafeBuffer(ByteBuffer.allocateDirect(64));
    private final UnsafeBuffer pollFd = new UnsafeBuffer(ByteBuffer.allocateDirect(8));
    private int fd;

    private KernelSocket(int fd) {
        this.fd = fd;
        pollFd.putInt(0, fd);
    }

    private static KernelSocket open(int type) throws IOException {
        int fd = KernelCalls.told(KernelCalls.C.socket(AF_INET, type | SOCK_CLOEXEC, 0));
        if (fd < 0) {
            throw failed("socket", fd);
        }
        KernelSocket s = new KernelSocket(fd);
        s.timeouts();
        return s;
    }

    /** A TCP socket. */
    public static KernelSocket tcp() throws IOException {
        return open(SOCK_STREAM);
    }

    /** A UDP socket. */
    public static KernelSocket udp() throws IOException {
        return open(SOCK_DGRAM);
    }

    /** An IPv4 address as a number, of its text. */
    public static int ipv4(String text) {
        int address = 0;
        for (String part : text.split("\\.", -1)) {
            address = address << 8 | Integer.parseInt(part);
        }
        return address;
    }

    private void timeouts() throws IOException {
        scratch.putLong(0, TIMEOUT_S);
        scratch.putLong(8, 0);
        set("SO_RCVTIMEO", SOL_SOCKET, SO_RCVTIMEO, 16);
        set("SO_SNDTIMEO", SOL_SOCKET, SO_SNDTIMEO, 16);
    }

    private void set(String name, int level, int option, int length) throws IOException {
        int result = KernelCalls.told(KernelCalls.C.setsockopt(fd, level, option, scratch.addressOffset(), length));
        if (result < 0) {
            throw failed("setsockopt " + name, result);
        }
    }

    private void setInt(String name, int level, int option, int value) throws IOException {
        scratch.putInt(0, value);
        set(name, level, option, Integer.BYTES);
    }

    /** TCP_CONGESTION; a kernel without that algorithm refuses it. */
    public KernelSocket congestion(String algorithm) throws IOException {
        byte[] name = algorithm.getBytes(StandardCharsets.US_ASCII);
        scratch.putBytes(0, name);
        set("TCP_CONGESTION " + algorithm, IPPROTO_TCP, TCP_CONGESTION, name.length);
        return this;
    }

    /** TCP_NODELAY. */
    public KernelSocket noDelay() throws IOException {
        setInt("TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY, 1);
        return this;
    }

    /** SO_REUSEADDR. */
    public KernelSocket reuseAddress() throws IOException {
        setInt("SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, 1);
        return this;
    }

    /** SO_LINGER 0: closing resets the connection, and the kernel keeps nothing of it. */
    public KernelSocket resetOnClose() throws IOException {
        scratch.putInt(0, 1);
        scratch.putInt(4, 0);
        set("SO_LINGER", SOL_SOCKET, SO_LINGER, 8);
        return this;
    }

    /** SO_SNDBUF and SO_RCVBUF, bytes; what is not set adapts itself. */
    public KernelSocket buffers(int bytes) throws IOException {
        setInt("SO_SNDBUF", SOL_SOCKET, SO_SNDBUF, bytes);
        setInt("SO_RCVBUF", SOL_SOCKET, SO_RCVBUF, bytes);
        return this;
    }

    /** UDP_SEGMENT: what is sent at once is cut into datagrams of so many bytes. */
    public KernelSocket udpSegment(int bytes) throws IOException {
        setInt("UDP_SEGMENT", IPPROTO_UDP, UDP_SEGMENT, bytes);
        return this;
    }

    private void putAddress(int address, int port) {
        scratch.putShort(0, (short) AF_INET);
        scratch.putShort(2, (short) port, ByteOrder.BIG_ENDIAN);
        scratch.putInt(4, address, ByteOrder.BIG_ENDIAN);
        scratch.putLong(8, 0);
    }

    /** The descriptor, for calls that watch several. */
    int fd() {
        return fd;
    }

    /** Binds to a port of all addresses. */
    public KernelSocket bind(int port) throws IOException {
        putAddress(0, port);
        int result = KernelCalls.told(KernelCalls.C.bind(fd, scratch.addressOffset(), SOCKADDR_LENGTH));
        if (result < 0) {
            throw failed("bind to port " + port, result);
        }
        return this;
    }

    /** Listens. */
    public KernelSocket listen(int backlog) throws IOException {
        int result = KernelCalls.told(KernelCalls.C.listen(fd, backlog));
        if (result < 0) {
            throw failed("listen", result);
        }
        return this;
    }

    /** Connects, or says why not. */
    public KernelSocket connect(int address, int port) throws IOException {
        int result = tryConnect(address, port);
        if (result < 0) {
            throw failed("connect to port " + port, result);
        }
        return this;
    }

    /** Connects; a negated errno if that fails. */
    public int tryConnect(int address, int port) {
        putAddress(address, port);
        return KernelCalls.told(KernelCalls.C.connect(fd, scratch.addressOffset(), SOCKADDR_LENGTH));
    }

    /** The next connection; waits for it. */
    public KernelSocket accept() throws IOException {
        int result = KernelCalls.told(KernelCalls.C.accept4(fd, 0, 0, SOCK_CLOEXEC));
        if (result < 0) {
            throw failed("accept", result);
        }
        KernelSocket s = new KernelSocket(result);
        s.timeouts();
        return s;
    }

    /** Sends, waiting for room; bytes taken or a negated errno. */
    public int send(long address, int length) {
        return (int) KernelCalls.told(KernelCalls.C.send(fd, address, length, MSG_NOSIGNAL));
    }

    /** Sends what there is room for at once; {@link #EAGAIN} if there is none. */
    public int sendNow(long address, int length) {
        return (int) KernelCalls.told(KernelCalls.C.send(fd, address, length, MSG_NOSIGNAL | MSG_DONTWAIT));
    }

    /** Receives, waiting for something; 0 at the end of the stream; a negated errno. */
    public int receive(long address, int length) {
        return (int) KernelCalls.told(KernelCalls.C.recv(fd, address, length, 0));
    }

    /** Receives what is there; {@link #EAGAIN} if nothing is. */
    public int receiveNow(long address, int length) {
        return (int) KernelCalls.told(KernelCalls.C.recv(fd, address, length, MSG_DONTWAIT));
    }

    /** Sends the datagrams of a {@code struct mmsghdr} vector; how many, or a negated errno. */
    public int sendMany(long vector, int count) {
        return KernelCalls.told(KernelCalls.C.sendmmsg(fd, vector, count, MSG_NOSIGNAL));
    }

    /** Waits until there is something to receive, at most so many milliseconds; false if there is nothing. */
    public boolean awaitReadable(int timeoutMs) {
        pollFd.putShort(4, (short) POLLIN);
        pollFd.putShort(6, (short) 0);
        return KernelCalls.C.poll(pollFd.addressOffset(), 1, timeoutMs) > 0;
    }

    /** Sends the FIN. */
    public void shutdownOutput() {
        KernelCalls.C.shutdown(fd, SHUT_WR);
    }

    /** Ends both directions, so that a thread that waits in a call returns. Any thread. */
    public void shutdown() {
        KernelCalls.C.shutdown(fd, SHUT_RDWR);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            KernelCalls.C.close(fd);
            fd = -1;
        }
    }

    private static IOException failed(String call, int result) {
        return new IOException("the kernel's " + call + " failed: error " + -result
                + (result == EAGAIN || result == -115 ? ", nothing came within " + TIMEOUT_S + " s" : ""));
    }
}
