package dev.penstock.stack.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.dhcp.Messages.Reply;
import dev.penstock.stack.dhcp.Messages.Sent;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** Servers that answer anything, and links that come and go, at any time: what is always true of a client. */
class HostileServerPropertyTest {
    private static final long SECOND = ClientLab.SECOND;

    /** Mostly sensible, so that the client gets far; then broken somewhere. */
    private static byte[] answer(Random random, Sent last) {
        String[] addresses = {"192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.8", "0.0.0.0", "224.0.0.1"};
        Reply reply = last.answer(random.nextInt(10) == 0 ? random.nextInt(10) : last.type() == 1 ? 2 : 5)
                .lease(addresses[random.nextInt(addresses.length)]);
        if (random.nextInt(3) == 0) {
            reply.with(51, Messages.be32(random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(100)));
        }
        if (random.nextInt(4) == 0) {
            byte[] value = new byte[random.nextInt(300)];
            random.nextBytes(value);
            reply.with(random.nextInt(1, 255), value);
        }
        byte[] message = reply.build();
        int mutations = random.nextInt(3) == 0 ? random.nextInt(8) : 0;
        for (int i = 0; i < mutations; i++) {
            message[random.nextInt(message.length)] = (byte) random.nextInt();
        }
        return random.nextInt(10) == 0 ? Arrays.copyOf(message, random.nextInt(message.length + 1)) : message;
    }

    @Property(tries = 400)
    void itHasOneAddressAtMostAndNeverCeasesToTry(@ForAll long seed, @ForAll @IntRange(min = 1, max = 120) int steps) {
        Random random = new Random(seed);
        ClientLab lab = new ClientLab(seed, c -> {
            c.offerWaitNs = random.nextBoolean() ? 0 : SECOND;
            c.rapidCommit = random.nextBoolean();
            c.ipv6OnlyPreferred = random.nextBoolean();
        });
        lab.client.start(lab.now);
        Sent last = null;
        for (int i = 0; i < steps; i++) {
            Boolean[] outcomes = {true, true, true, false, null};
            lab.free = outcomes[random.nextInt(outcomes.length)];
            while (!lab.sent.isEmpty()) {
                last = lab.sent.poll();
            }
            switch (random.nextInt(12)) {
                case 0 -> lab.client.onLinkDown(lab.now);
                case 1 -> lab.client.onLinkUp(lab.now);
                case 2 -> lab.lose();
                case 3, 4 -> lab.advance((long) (random.nextDouble() * 5000 * SECOND));
                case 5 -> lab.client.onUsable(lab.now);
                default -> {
                    if (last != null) {
                        lab.receive(answer(random, last));
                    }
                    lab.advance((long) (random.nextDouble() * 10 * SECOND));
                }
            }
            lab.client.checkInvariants();
            if (lab.client.isScheduled()) {
                assertTrue(lab.client.atNs() >= lab.now, "no deadline is missed");
                assertTrue(
                        lab.client.atNs() - lab.now <= (1L << 32) * SECOND, "none is further away than a lease lasts");
            }
            if (lab.client.state().isBound()) {
                assertNotNull(lab.applied);
                assertEquals(lab.client.lease(), lab.applied);
            }
        }
        // And then a good server gets it to a lease.
        lab.free = true;
        lab.client.onLinkUp(lab.now);
        for (int i = 0; i < 200 && lab.client.lease() == null; i++) {
            Sent message = lab.expectAny();
            String address = message.requested() == Messages.ip("192.0.2.8") ? "192.0.2.8" : "192.0.2.7";
            if (message.type() == 1) {
                lab.receive(message.answer(2).lease(address).build());
            } else if (message.type() == 3) {
                lab.receive(message.answer(5)
                        .lease(address)
                        .with(54, Messages.be32(lab.serverOf(message)))
                        .build());
            }
        }
        assertNotNull(lab.client.lease(), () -> "it ends in " + lab.client.state());
        lab.client.stop(lab.now);
        assertEquals(null, lab.claimed);
    }

    @Property(tries = 2000)
    void noBytesMakeTheReaderThrow(@ForAll @Size(max = 400) byte[] tail, @ForAll boolean overload) {
        byte[] message = new Reply(2, 1, ClientLab.MAC)
                .lease("192.0.2.7")
                .with(52, overload ? 3 : 1)
                .build();
        byte[] all = Arrays.copyOf(message, message.length - 1 + tail.length);
        System.arraycopy(tail, 0, all, message.length - 1, tail.length);
        System.arraycopy(tail, 0, all, 44, Math.min(tail.length, 192));
        new ReplyReader(new Counters()).read(new UnsafeBuffer(all), 0, all.length, new DhcpReply());
    }

    @Property(tries = 1000)
    void whatIsWrittenIsRead(@ForAll @Size(max = 700) byte[] value, @ForAll @IntRange(min = 1, max = 254) int code) {
        byte[] buffer = new byte[2048];
        int end = new OptionWriter(new UnsafeBuffer(buffer), 0)
                .put(code == 52 ? 53 : code, value)
                .end(0);
        OptionReader reader = new OptionReader();
        assertEquals(null, reader.read(new UnsafeBuffer(buffer), 0, end));
        assertTrue(Arrays.equals(value, reader.value(code == 52 ? 53 : code)));
        int another = code == 200 ? 201 : 200;
        assertEquals(null, reader.value(another));
    }
}
