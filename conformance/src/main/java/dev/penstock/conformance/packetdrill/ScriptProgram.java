package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.code.Assertions;
import dev.penstock.conformance.packetdrill.script.Code;
import dev.penstock.conformance.packetdrill.script.Command;

/** POSIX's calls, code blocks over {@code TCP_INFO}, and the shell commands that mean something here. */
final class ScriptProgram implements Program {
    private final PosixCalls calls;
    private final Assertions assertions;
    private final ShellCommands shell;

    ScriptProgram(VirtualHost host) {
        this.calls = new PosixCalls(host);
        this.assertions = new Assertions(host.profile() == Profile.BSD);
        this.shell = new ShellCommands(new StackKnobs(host.tcp(), host.memory(), host.profile()));
    }

    @Override
    public SystemCalls calls() {
        return calls;
    }

    @Override
    public boolean observe() {
        return calls.observe();
    }

    @Override
    public void command(Command command, int line) throws SkipException, ScriptException {
        shell.run(command.text(), line);
    }

    @Override
    public String code(Code code, int line) throws SkipException, ScriptException {
        return assertions.run(code.text(), line, calls.info());
    }
}
