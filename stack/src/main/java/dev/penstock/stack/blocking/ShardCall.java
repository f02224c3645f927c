package dev.penstock.stack.blocking;

import dev.penstock.stack.socket.Command;
import dev.penstock.stack.socket.ShardContext;
import java.io.IOException;
import java.net.SocketException;
import java.util.function.Function;

/** One question to the shard, whose answer a thread waits for. */
final class ShardCall<T> implements Command {
    private final Function<ShardContext, T> code;
    private final WaitPoint point = new WaitPoint();
    private T result;
    private Throwable failure;
    private volatile boolean done;

    ShardCall(Function<ShardContext, T> code) {
        this.code = code;
    }

    @Override
    public void run(ShardContext shard, long nowNs) {
        try {
            result = code.apply(shard);
        } catch (Exception | Error e) {
            failure = e;
        }
        finish();
    }

    @Override
    public void rejected() {
        failure = SocketErrors.stackClosed();
        finish();
    }

    private void finish() {
        done = true;
        point.signal();
    }

    private boolean isDone() {
        return done;
    }

    T await(PenstockStack stack) throws IOException {
        if (!stack.commands().offer(this)) {
            throw stack.isClosed() ? SocketErrors.stackClosed() : new SocketException("Too many commands wait");
        }
        if (point.await(this::isDone, 0) == WaitPoint.Outcome.INTERRUPTED) {
            throw SocketErrors.closedByInterrupt();
        }
        if (failure instanceof IOException) {
            throw (IOException) failure;
        }
        if (failure instanceof RuntimeException) {
            throw (RuntimeException) failure;
        }
        if (failure instanceof Error) {
            throw (Error) failure;
        }
        return result;
    }
}
