package dev.penstock.perf.bench;

import java.io.Closeable;
import java.io.IOException;

/** A contender that is up: two ends that are connected and at work. */
interface Rig extends Closeable {
    /** Measures for about so long, nanoseconds. */
    Sample measure(long ns) throws Exception;

    /** Takes it all down again: threads, sockets, interfaces, namespaces. */
    @Override
    void close() throws IOException;
}
