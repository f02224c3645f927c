package dev.penstock.apps.iperf;

import dev.penstock.stack.blocking.Endpoint;
import java.util.List;

/** What an end tells of its tests. On the shard's thread: be quick. */
public interface IperfListener {
    /** A test begins. */
    default void onStart(Endpoint peer, IperfSettings settings) {}

    /** A while is over: every second, unless another interval was asked for. */
    default void onInterval(List<IperfInterval> streams) {}

    /** A test ended in order. */
    default void onEnd(IperfResult result) {}

    /** A test, or what wanted to be one, failed. */
    default void onFailure(String reason) {}
}
