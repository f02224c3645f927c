package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.code.Assertions;
import dev.penstock.conformance.packetdrill.script.Code;
import dev.penstock.conformance.packetdrill.script.Command;

/** A program on the kernel: real system calls, and code blocks over the real {@code TCP_INFO}. */
final class KernelProgram implements Program, AutoCloseable {
    private final KernelCalls calls;
    private final CallerThreads threads;
    private final Assertions assertions = new Assertions(false);
    private final ShellCommands shell;

    KernelProgram(KernelHost host, KernelLink link, WireSettings wire) throws java.io.IOException {
        KernelKnobs knobs = new KernelKnobs(link);
        this.threads = new CallerThreads(link.namespace);
        this.calls = new KernelCalls(host, threads, wire, knobs);
        this.shell = new ShellCommands(knobs);
    }

    @Override
    public KernelCalls calls() {
        return calls;
    }

    @Override
    public void command(Command command, int line) throws SkipException, ScriptException {
        shell.run(command.text(), line);
    }

    @Override
    public String code(Code code, int line) throws SkipException, ScriptException {
        return assertions.run(code.text(), line, calls.info());
    }

    @Override
    public void close() {
        threads.close();
    }
}
