package dev.penstock.conformance.packetdrill.script;

import java.util.List;

/**
 * A system call of the program under test, with what it must answer: {@code read(4, ..., 1000) = -1 EAGAIN (...)}.
 *
 * @param arguments in order
 * @param result what it must answer; {@link Expression.Any} when nothing is demanded
 * @param errno the name of the error that must be set, or null when none is named
 * @param end for a blocking call, when it must return: {@code 0.1...0.3}, of the kind of the step's own time and with the
 *     same base; null for a call that returns at once
 */
public record SystemCall(String name, List<Expression> arguments, Expression result, String errno, EventTime end)
        implements Event {
    public SystemCall {
        arguments = List.copyOf(arguments);
    }
}
