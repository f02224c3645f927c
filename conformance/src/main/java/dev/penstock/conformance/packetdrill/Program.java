package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Code;
import dev.penstock.conformance.packetdrill.script.Command;

/** What a script has beside packets: the program under test, and what looks at it. */
interface Program {
    SystemCalls calls();

    /** The stack has come to rest: tells who waits for what it did. True if somebody was told. */
    default boolean observe() {
        return false;
    }

    /** A shell command: never executed, but understood. */
    void command(Command command, int line) throws SkipException, ScriptException;

    /** A code block. Null if all that it asserts holds; otherwise what does not. */
    String code(Code code, int line) throws SkipException, ScriptException;
}
