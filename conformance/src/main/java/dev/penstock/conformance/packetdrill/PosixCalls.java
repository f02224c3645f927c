package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.code.InfoNames;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import dev.penstock.stack.tcp.TcpInfo;
import java.util.List;
import java.util.Map;

/** The program under test: POSIX's calls on the stack's own non-blocking API, in virtual time. */
final class PosixCalls implements SystemCalls {
    private final Host host;
    private final DescriptorTable table;
    private final List<CallGroup> groups;
    private final TcpInfo info = new TcpInfo();

    PosixCalls(Host host) {
        this.host = host;
        this.table = new DescriptorTable(host);
        this.groups = List.of(
                new SocketCalls(table),
                new TransferCalls(table),
                new OptionCalls(table),
                new ControlCalls(table),
                new ReadinessCalls(table));
    }

    @Override
    public Call begin(SystemCall call, int line) throws SkipException, ScriptException {
        Arguments a = new Arguments(call, line, host.profile());
        for (CallGroup group : groups) {
            Attempt attempt = group.prepare(a);
            if (attempt != null) {
                PosixCall begun = new PosixCall(call, a.values, table, attempt);
                begun.begin();
                host.settle();
                table.retry();
                return begun;
            }
        }
        throw a.skip("the system call " + call.name() + " is not supported");
    }

    /** The stack has come to rest: tells sockets, and who waits on them. True if there was news. */
    boolean observe() {
        return table.observe();
    }

    @Override
    public Map<String, ?> info() {
        StreamDescriptor s = table.current();
        if (s == null || s.connection() == null) {
            return null;
        }
        s.connection().info(info, host.stack().clockNs());
        info.state = s.state();
        return s.isLinux() ? InfoNames.linux(info) : InfoNames.bsd(info);
    }

    @Override
    public void closeAll() {
        table.closeAll();
    }
}
