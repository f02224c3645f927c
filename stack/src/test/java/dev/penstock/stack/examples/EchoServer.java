package dev.penstock.stack.examples;

import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.device.BlockingDevice;
import java.io.IOException;

/** A whole stack embedded in a program, in ten lines. The README quotes what is between the marks. */
final class EchoServer {
    private EchoServer() {}

    // README: begin
    static void serve(BlockingDevice device) throws IOException {
        try (PenstockStack stack = PenstockStack.start(device, "192.0.2.2/24");
                TcpListener listener = stack.listen(7)) {
            while (true) {
                try (TcpSocket socket = listener.accept()) {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                }
            }
        }
    }
    // README: end
}
