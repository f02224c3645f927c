package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.conformance.packetdrill.script.SystemCall;

/** A system call of a script, made by the kernel: what it must answer, and what it did. */
final class KernelCall implements SystemCalls.Call, Runnable {
    private final SystemCall call;
    private final Values values;
    private final NativeCall made;
    private final KernelCalls calls;
    private long result;
    private long doneNs;
    private String mismatch;
    private boolean compared;
    private volatile boolean done;

    KernelCall(SystemCall call, Values values, NativeCall made, KernelCalls calls) {
        this.call = call;
        this.values = values;
        this.made = made;
        this.calls = calls;
    }

    /** The caller's thread. */
    @Override
    public void run() {
        result = made.make();
        doneNs = calls.nowNs();
        done = true;
        calls.ended(this);
    }

    @Override
    public boolean done() {
        if (done && !compared) {
            compared = true;
            try {
                mismatch = compare();
            } catch (SkipException | ScriptException wrong) {
                mismatch = wrong.getMessage();
            }
        }
        return done;
    }

    @Override
    public long doneNs() {
        return doneNs;
    }

    @Override
    public String mismatch() {
        return mismatch == null ? null : call.name() + "(): " + mismatch;
    }

    private String compare() throws SkipException, ScriptException {
        Expression expected = call.result();
        boolean any = Values.isAny(expected);
        KernelDescriptor opened = result < 0 ? null : made.opened(result);
        if (opened != null) {
            long wanted = any ? -1 : values.number(expected);
            if (!any && wanted < 0) {
                calls.discard(opened);
                return "expected " + expected() + ", got a new descriptor";
            }
            return calls.install(opened, wanted)
                    ? made.differs(result)
                    : "descriptor " + wanted + " is in use already; the script has to close it first";
        }
        if (!any) {
            boolean errnoDiffers = call.errno() != null && (result >= 0 || errno(call.errno()) != -result);
            if (values.number(expected) != Math.max(-1, result) || errnoDiffers) {
                return "expected " + expected() + ", got " + actual();
            }
        }
        return result < 0 ? null : made.differs(result);
    }

    private long errno(String name) throws SkipException {
        Errno e = Errno.named(name);
        if (e == null) {
            throw new SkipException(values.line(), "there is no error " + name + " here");
        }
        return e.number(Profile.LINUX);
    }

    private String expected() throws SkipException, ScriptException {
        long value = values.number(call.result());
        return call.errno() == null ? Long.toString(value) : value + " " + call.errno();
    }

    private String actual() {
        if (result >= 0) {
            return Long.toString(result);
        }
        for (Errno e : Errno.values()) {
            if (e.number(Profile.LINUX) == -result) {
                return "-1 " + e;
            }
        }
        return "-1 with errno " + -result;
    }
}
