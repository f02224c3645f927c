package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import dev.penstock.stack.timer.Deadline;

/** A system call that was begun: waits, and compares the answer with the script's. */
final class PosixCall extends Deadline implements SystemCalls.Call {
    private final SystemCall call;
    private final Values values;
    private final DescriptorTable table;
    private final Attempt attempt;
    private boolean over;
    private long doneNs;
    private String mismatch;

    PosixCall(SystemCall call, Values values, DescriptorTable table, Attempt attempt) {
        this.call = call;
        this.values = values;
        this.table = table;
        this.attempt = attempt;
    }

    /** The first try, whose misuse is the script's. */
    void begin() throws SkipException, ScriptException {
        Result r = attempt.run(false);
        if (r != null) {
            finish(r);
        } else {
            table.await(this);
            table.host.stack().deadlines().schedule(this, attempt.untilNs);
        }
    }

    void attempt(boolean last) {
        if (over) {
            return;
        }
        try {
            Result r = attempt.run(last);
            if (r != null) {
                finish(r);
            }
        } catch (SkipException | ScriptException wrong) {
            over(wrong.getMessage());
        }
    }

    boolean isOver() {
        return over;
    }

    /** Nobody waits for it any more. */
    void forget() {
        over = true;
        table.host.stack().deadlines().cancel(this);
    }

    private void over(String difference) {
        forget();
        doneNs = table.host.nowNs();
        mismatch = difference == null ? null : call.name() + "(): " + difference;
    }

    private void finish(Result r) throws SkipException, ScriptException {
        over(r.opened() != null ? openedDiffers(r.opened()) : differs(r));
    }

    private String openedDiffers(Descriptor d) throws SkipException, ScriptException {
        Expression expected = call.result();
        boolean any = Values.isAny(expected);
        long wanted = any ? -1 : values.number(expected);
        if (!any && wanted < 0) {
            discard(d);
            return "expected " + expected() + ", got a new descriptor";
        }
        int fd = table.install(d, wanted);
        if (fd < 0) {
            discard(d);
            return "descriptor " + wanted + " is in use already; the script has to close it first";
        }
        return null;
    }

    /** One that {@code dup} answered has other numbers still. */
    private static void discard(Descriptor d) {
        if (d.references == 0) {
            d.close();
        }
    }

    private String differs(Result r) throws SkipException, ScriptException {
        if (!Values.isAny(call.result())) {
            boolean errnoDiffers = call.errno() != null && r.errno() != errno(call.errno());
            if (values.number(call.result()) != r.value() || errnoDiffers) {
                return "expected " + expected() + ", got " + r;
            }
        }
        return r.difference();
    }

    private Errno errno(String name) throws SkipException {
        Errno e = Errno.named(name);
        if (e == null) {
            throw new SkipException(values.line(), "there is no error " + name + " here");
        }
        return e;
    }

    private String expected() throws SkipException, ScriptException {
        long value = values.number(call.result());
        return call.errno() == null ? Long.toString(value) : value + " " + call.errno();
    }

    @Override
    protected void onDeadline(long nowNs) {
        attempt(true);
        table.retry();
    }

    @Override
    public boolean done() {
        attempt(false);
        return over;
    }

    @Override
    public long doneNs() {
        return doneNs;
    }

    @Override
    public String mismatch() {
        return mismatch;
    }
}
