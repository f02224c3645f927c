package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpOption;

/** What one option of {@code setsockopt} does. */
interface SocketOption {
    Result get(OptionCall o) throws SkipException, ScriptException;

    Result set(OptionCall o) throws SkipException, ScriptException;

    /** Reads a value. */
    @FunctionalInterface
    interface Getter {
        long get(SocketDescriptor s);
    }

    /** Sets a value; answers the error, or null. */
    @FunctionalInterface
    interface Setter {
        Errno set(SocketDescriptor s, long value);
    }

    /** One that is a number. */
    static SocketOption of(Getter getter, Setter setter) {
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                return o.is(getter.get(o.s));
            }

            @Override
            public Result set(OptionCall o) throws SkipException, ScriptException {
                Errno e = setter.set(o.s, o.number());
                return e == null ? Result.OK : Result.error(e);
            }
        };
    }

    /** One that can only be read. */
    static SocketOption readOnly(Getter getter) {
        return of(getter, (s, v) -> Errno.ENOPROTOOPT);
    }

    /**
     * One without an effect that a script can see: remembered, and no more.
     *
     * @param key of the option among all
     */
    static SocketOption remembered(long key, long initially) {
        return of(s -> s.settings.remembered.getOrDefault(key, initially), (s, v) -> {
            s.settings.remembered.put(key, v);
            return null;
        });
    }

    /** As {@link #remembered}, as far as the value is one that changes nothing. */
    static SocketOption onlyIf(long key, long initially, java.util.function.LongPredicate harmless, String reason) {
        SocketOption kept = remembered(key, initially);
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException, ScriptException {
                return kept.get(o);
            }

            @Override
            public Result set(OptionCall o) throws SkipException, ScriptException {
                if (!harmless.test(o.number())) {
                    throw o.skip(reason);
                }
                return kept.set(o);
            }
        };
    }

    /** One that the stack, or this program, does not have. */
    static SocketOption missing(String reason) {
        return new SocketOption() {
            @Override
            public Result get(OptionCall o) throws SkipException {
                throw o.skip(reason);
            }

            @Override
            public Result set(OptionCall o) throws SkipException {
                throw o.skip(reason);
            }
        };
    }

    /** One that is TCP's own, a flag. */
    static SocketOption flag(TcpOption<Boolean> option) {
        return of(s -> option.get(((StreamDescriptor) s).options()) ? 1 : 0, (s, v) -> apply(s, option, v != 0));
    }

    /** One that is TCP's own, a number. */
    static SocketOption number(TcpOption<Integer> option) {
        return of(
                s -> option.get(((StreamDescriptor) s).options()),
                (s, v) -> v != (int) v ? Errno.EINVAL : apply(s, option, (int) v));
    }

    /** Sets TCP's own option, at once. */
    static <T> Errno apply(SocketDescriptor s, TcpOption<T> option, T value) {
        StreamDescriptor stream = (StreamDescriptor) s;
        try {
            option.set(stream.options(), value);
        } catch (IllegalArgumentException outOfRange) {
            return Errno.EINVAL;
        }
        stream.optionsChanged();
        return null;
    }
}
