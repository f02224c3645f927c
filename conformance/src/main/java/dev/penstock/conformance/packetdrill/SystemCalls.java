package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.SystemCall;
import java.util.Map;

/** The program under test: its file descriptors, and the calls that a script makes for it. */
interface SystemCalls {
    /**
     * Begins a call. One that does not block is done when this returns.
     *
     * @param line of the script, for messages
     * @throws SkipException if there is no such call, option or constant here
     * @throws ScriptException if the arguments make no sense
     */
    Call begin(SystemCall call, int line) throws SkipException, ScriptException;

    /**
     * {@code TCP_INFO} of the connection that a code block asks about, the one used last: values by the names of its members.
     * Null if there is none.
     */
    Map<String, ?> info();

    /** Lets go of everything at the end of a script. */
    void closeAll();

    /** A call that was begun. */
    interface Call {
        /** It has returned. */
        boolean done();

        /** When it returned, nanoseconds of the script; only once {@link #done}. */
        long doneNs();

        /** Null if it answered what the script demands; otherwise what differs, expected and actual. Once {@link #done}. */
        String mismatch();
    }
}
