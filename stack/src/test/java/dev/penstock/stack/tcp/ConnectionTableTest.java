package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@link ConnectionTable} against a hash map: random additions, removals and look-ups. */
class ConnectionTableTest extends TcpFixture {
    private final RandomSource random = RandomSource.seeded(11);

    private ConnectionHandle make(int remoteHost, int local, int remote) {
        FakeIp.Path path = ip.new Path(0, IpAddress.v4(remoteHost));
        ConnectionHandle handle = new ConnectionHandle(null);
        handle.begin(path, local, remote, app, null);
        return handle;
    }

    private static String key(int host, int local, int remote) {
        return host + ":" + local + ":" + remote;
    }

    private ConnectionHandle find(ConnectionTable<ConnectionHandle> t, int host, int local, int remote) {
        return t.find(ours.hi(), ours.lo(), local, 0, IpAddress.v4(host), remote, -1);
    }

    @Test
    void findsWhatIsThereAndNothingElse() {
        ConnectionTable<ConnectionHandle> table = new ConnectionTable<>(SipHash.keyedFrom(random), 400);
        Map<String, ConnectionHandle> model = new HashMap<>();
        for (int i = 0; i < 30_000; i++) {
            int host = random.nextInt(3);
            int local = 1 + random.nextInt(12);
            int remote = 1 + random.nextInt(16);
            String key = key(host, local, remote);
            ConnectionHandle there = model.get(key);
            assertSame(there, find(table, host, local, remote));
            int what = random.nextInt(3);
            if (what == 0 && there != null) {
                table.remove(there);
                table.remove(there);
                model.remove(key);
                assertNull(find(table, host, local, remote));
            } else if (what == 1 && there == null) {
                ConnectionHandle c = make(host, local, remote);
                boolean added = table.add(c);
                assertEquals(model.size() < 400, added);
                if (added) {
                    model.put(key, c);
                }
            }
            assertEquals(model.size(), table.size());
        }
        Set<ConnectionHandle> all = new HashSet<>();
        table.forEach(all::add);
        assertEquals(new HashSet<>(model.values()), all);
        table.forEach(table::remove);
        assertEquals(0, table.size());
    }

    @Test
    void refusesAtTheLimitAndTakesAgainBelowIt() {
        ConnectionTable<ConnectionHandle> table = new ConnectionTable<>(SipHash.keyedFrom(random), 100);
        List<ConnectionHandle> in = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            in.add(make(1, 1, i));
            assertEquals(true, table.add(in.get(i)));
        }
        ConnectionHandle more = make(1, 1, 100);
        assertFalse(table.add(more));
        table.remove(in.get(7));
        assertEquals(true, table.add(more));
        assertSame(more, find(table, 1, 1, 100));
    }
}
