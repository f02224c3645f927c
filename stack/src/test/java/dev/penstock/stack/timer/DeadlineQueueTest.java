package dev.penstock.stack.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DeadlineQueueTest {
    private final DeadlineQueue queue = new DeadlineQueue();
    private final List<Integer> fired = new ArrayList<>();

    private final class Numbered extends Deadline {
        final int number;
        /** Of the model: when it was last scheduled to another moment. */
        long modelOrder;

        Numbered(int number) {
            this.number = number;
        }

        @Override
        protected void onDeadline(long nowNs) {
            assertFalse(isScheduled());
            fired.add(number);
        }
    }

    /** Random scheduling, moving, cancelling and expiring, against a list that is sorted each time. */
    @Property(tries = 200)
    void behavesAsASortedList(@ForAll long seed) {
        DeadlineQueue q = new DeadlineQueue();
        RandomSource random = RandomSource.seeded(seed);
        Numbered[] all = new Numbered[100];
        for (int i = 0; i < all.length; i++) {
            all[i] = new Numbered(i);
        }
        List<Numbered> model = new ArrayList<>();
        Comparator<Numbered> byTime = Comparator.comparingLong(Deadline::atNs);
        Comparator<Numbered> order = byTime.thenComparingLong(n -> n.modelOrder);
        long now = 0;
        for (int step = 0; step < 1000; step++) {
            Numbered d = all[random.nextInt(all.length)];
            int action = random.nextInt(10);
            if (action < 6) {
                long at = now + random.nextInt(50);
                if (!d.isScheduled() || d.atNs() != at) {
                    d.modelOrder = step;
                }
                model.remove(d);
                q.schedule(d, at);
                model.add(d);
            } else if (action < 8) {
                model.remove(d);
                if (action == 6) {
                    q.cancel(d);
                } else {
                    q.schedule(d, Deadline.NEVER);
                }
                assertFalse(d.isScheduled());
                assertEquals(Deadline.NEVER, d.atNs());
            } else {
                now += random.nextInt(20);
                expireBoth(q, model, now, random.nextInt(10), order);
            }
            model.sort(order);
            assertEquals(model.size(), q.size());
            assertEquals(model.isEmpty() ? Deadline.NEVER : model.get(0).atNs(), q.nextDeadlineNs());
        }
    }

    private void expireBoth(DeadlineQueue q, List<Numbered> model, long now, int limit, Comparator<Numbered> order) {
        model.sort(order);
        List<Integer> expected = new ArrayList<>();
        while (expected.size() < limit && !model.isEmpty() && model.get(0).atNs() <= now) {
            expected.add(model.remove(0).number);
        }
        fired.clear();
        assertEquals(expected.size(), q.expire(now, limit));
        assertEquals(expected, fired);
    }

    @Test
    void tiesFireInTheOrderOfScheduling() {
        Numbered[] d = new Numbered[20];
        for (int i = 0; i < 20; i++) {
            d[i] = new Numbered(i);
            queue.schedule(d[i], 7);
        }
        queue.cancel(d[3]);
        queue.schedule(d[5], 9);
        queue.schedule(d[5], 7);
        queue.schedule(d[6], 7);
        queue.expire(7, 100);
        assertEquals(List.of(0, 1, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 5), fired);
    }

    @Test
    void aDeadlineMayScheduleItselfAgainAndTheLimitHolds() {
        int[] times = {0};
        Deadline again = new Deadline() {
            @Override
            protected void onDeadline(long nowNs) {
                times[0]++;
                queue.schedule(this, nowNs);
            }
        };
        queue.schedule(again, 1);
        assertEquals(5, queue.expire(1, 5));
        assertEquals(5, times[0]);
        assertTrue(again.isScheduled());
    }

    @Test
    void aDeadlineMayCancelAnother() {
        Numbered victim = new Numbered(1);
        Deadline killer = new Deadline() {
            @Override
            protected void onDeadline(long nowNs) {
                queue.cancel(victim);
            }
        };
        queue.schedule(killer, 1);
        queue.schedule(victim, 1);
        assertEquals(1, queue.expire(5, 10));
        assertEquals(List.of(), fired);
        assertEquals(0, queue.size());
    }

    @Test
    void aDeadlineBelongsToOneQueue() {
        DeadlineQueue other = new DeadlineQueue();
        Numbered d = new Numbered(1);
        queue.schedule(d, 1);
        other.schedule(new Numbered(2), 5);
        assertThrows(IllegalStateException.class, () -> other.cancel(d));
        assertThrows(IllegalStateException.class, () -> other.schedule(d, 2));
        assertEquals(1, queue.size());
        queue.cancel(d);
        other.schedule(d, 2);
        assertEquals(2, other.nextDeadlineNs());
    }
}
