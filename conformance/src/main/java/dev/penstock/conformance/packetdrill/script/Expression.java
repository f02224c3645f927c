package dev.penstock.conformance.packetdrill.script;

import java.util.List;

/** An argument or a result of a system call. */
public sealed interface Expression {
    /** An integer: decimal, hexadecimal, octal, or a character. */
    record Int(long value) implements Expression {}

    /** A text in quotes, its escapes resolved to bytes as Latin-1 characters. */
    record Text(String value) implements Expression {}

    /** A name: {@code SOL_SOCKET}, {@code NULL}. */
    record Name(String name) implements Expression {}

    /** {@code ...}: anything. */
    record Any() implements Expression {}

    /** {@code [a, b]}. */
    record Array(List<Expression> elements) implements Expression {
        public Array {
            elements = List.copyOf(elements);
        }
    }

    /** {@code {a=1, b=2}}, {@code {..., 10}}: members in order. */
    record Struct(List<Member> members) implements Expression {
        public Struct {
            members = List.copyOf(members);
        }

        /** The value of the member of this name, or null. */
        public Expression get(String name) {
            for (Member m : members) {
                if (name.equals(m.name())) {
                    return m.value();
                }
            }
            return null;
        }
    }

    /**
     * A member of a {@link Struct}.
     *
     * @param name null when it is known by its place only
     * @param count of {@code msg_iov(2)=[...]}; null when there is none
     */
    record Member(String name, Expression count, Expression value) {}

    /** {@code a | b}, {@code a & b}, {@code a << b}, {@code a + b}, {@code a - b}, {@code a * b}; {@code ~a} has no left. */
    record Operation(String operator, Expression left, Expression right) implements Expression {}

    /** {@code htons(80)}, {@code inet_addr("192.0.2.1")}. */
    record Function(String name, List<Expression> arguments) implements Expression {
        public Function {
            arguments = List.copyOf(arguments);
        }
    }
}
