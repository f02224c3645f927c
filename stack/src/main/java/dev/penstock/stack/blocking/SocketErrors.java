package dev.penstock.stack.blocking;

import dev.penstock.stack.socket.DatagramPort;
import dev.penstock.stack.tcp.TcpError;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;

/** Turns the stack's reasons into the exceptions that {@code java.net} throws for them, with the same words. */
final class SocketErrors {
    private SocketErrors() {}

    static SocketException closed() {
        return new SocketException("Socket closed");
    }

    static SocketException closedByInterrupt() {
        return new SocketException("Closed by interrupt");
    }

    static SocketException stackClosed() {
        return new SocketException("Stack closed");
    }

    static SocketException tooMany() {
        return new SocketException("Too many open sockets");
    }

    /** Why binding, listening or connecting failed. */
    static IOException ofOpen(TcpError error) {
        return switch (error) {
            case CONNECTION_REFUSED, TIMED_OUT -> new ConnectException(error.text());
            case HOST_UNREACHABLE -> new NoRouteToHostException(error.text());
            case ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE -> new BindException(error.text());
            default -> new SocketException(error.text());
        };
    }

    /** What became of a datagram that was sent earlier, or of binding. */
    static IOException ofDatagram(DatagramPort.Failure failure) {
        return switch (failure) {
            case PORT_UNREACHABLE -> new PortUnreachableException("ICMP Port Unreachable");
            case HOST_UNREACHABLE -> new NoRouteToHostException("No route to host");
            case NET_UNREACHABLE -> new SocketException("Network is unreachable");
            case ACCESS_DENIED -> new SocketException("Permission denied");
            case ADDRESS_IN_USE -> new BindException("Address already in use");
            case ADDRESS_NOT_AVAILABLE -> new BindException("Cannot assign requested address");
            case TOO_BIG -> new SocketException("Message too long");
            case NO_RESOURCES -> new SocketException("No buffer space available");
        };
    }

    /** Why a connection that was established cannot be read from. */
    static SocketException ofRead(TcpError error) {
        return new SocketException(error.text());
    }

    /** Why a connection that was established cannot be written to; null: it is closed in order, or was told already. */
    static SocketException ofWrite(TcpError error) {
        return new SocketException(error == null ? "Broken pipe" : error.text());
    }
}
