package dev.penstock.conformance.packetdrill.code;

import java.util.List;

/** A statement of a code block. {@code line}: of the script. */
sealed interface Statement {
    int line();

    /**
     * @param text of the condition, as written
     * @param message null when there is none
     */
    record Assert(Node condition, String text, Node message, int line) implements Statement {}

    record Assign(List<String> names, Node value, int line) implements Statement {}

    /** Evaluated, and that is all: {@code print} too. */
    record Evaluate(List<Node> values, int line) implements Statement {}

    record If(Node condition, List<Statement> then, List<Statement> otherwise, int line) implements Statement {}

    record For(String name, Node in, List<Statement> body, int line) implements Statement {}

    record While(Node condition, List<Statement> body, int line) implements Statement {}

    /** {@code pass}, {@code break}, {@code continue}. */
    record Jump(String word, int line) implements Statement {}
}
