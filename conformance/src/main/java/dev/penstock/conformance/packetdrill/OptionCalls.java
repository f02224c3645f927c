package dev.penstock.conformance.packetdrill;

/** {@code getsockopt} and {@code setsockopt}. */
final class OptionCalls extends CallGroup {
    private final OptionTable options;

    OptionCalls(DescriptorTable table) {
        super(table);
        this.options = new OptionTable(host.profile());
        SocketLevelOptions.addTo(options);
        TcpLevelOptions.addTo(options);
        IpLevelOptions.addTo(options);
    }

    @Override
    Attempt prepare(Arguments a) throws SkipException, ScriptException {
        boolean set = a.call.name().equals("setsockopt");
        if (!set && !a.call.name().equals("getsockopt")) {
            return null;
        }
        a.expect(5, 5);
        long level = a.number(1);
        long name = a.number(2);
        return onSocket(a, s -> {
            OptionCall o = new OptionCall(a, s);
            SocketOption option = options.find(level, name);
            if (option == null) {
                throw a.skip("the socket option " + o.label() + " is not supported");
            }
            if (level == a.constant("IPPROTO_TCP") && !s.isStream()) {
                return Attempt.done(Result.error(Errno.ENOPROTOOPT));
            }
            return Attempt.done(set ? option.set(o) : option.get(o));
        });
    }
}
