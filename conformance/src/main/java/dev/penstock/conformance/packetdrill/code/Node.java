package dev.penstock.conformance.packetdrill.code;

import java.util.List;

/** An expression of a code block. */
sealed interface Node {
    /** A number, a text, True, False, None: the value itself. */
    record Constant(Object value) implements Node {}

    record Name(String name, int line) implements Node {}

    /** {@code -x}, {@code +x}, {@code ~x}, {@code not x}. */
    record Unary(String operator, Node operand, int line) implements Node {}

    record Binary(String operator, Node left, Node right, int line) implements Node {}

    /** {@code a < b <= c}: operators one fewer than operands. */
    record Comparison(List<String> operators, List<Node> operands, int line) implements Node {}

    /** {@code a and b}, {@code a or b}. */
    record Logic(boolean and, Node left, Node right) implements Node {}

    /** {@code then if condition else otherwise}. */
    record Choice(Node condition, Node then, Node otherwise) implements Node {}

    record Call(String function, List<Node> arguments, int line) implements Node {}

    /** {@code (a, b)}, {@code [a, b]}. */
    record Sequence(List<Node> elements) implements Node {}

    /** {@code a[i]}. */
    record Item(Node of, Node index, int line) implements Node {}
}
