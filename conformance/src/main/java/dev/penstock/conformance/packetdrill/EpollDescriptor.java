package dev.penstock.conformance.packetdrill;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An epoll instance: items become ready when something happens to them, and are asked when they are to be told. */
final class EpollDescriptor extends Descriptor {
    private static final long EDGE = 0x8000_0000L;
    private static final long ONE_SHOT = 0x4000_0000L;
    /** Those bits of an item that are no events. */
    private static final long MODES = 0xf000_0000L;

    private final DescriptorTable table;
    private final Map<Integer, Item> items = new LinkedHashMap<>();
    private final Set<Item> ready = new LinkedHashSet<>();

    EpollDescriptor(DescriptorTable table) {
        this.table = table;
    }

    /** What is told: the events and the data of the item. */
    record Event(long events, long data) {}

    private final class Item implements Watch {
        private final Descriptor file;
        private long events;
        private long data;

        Item(Descriptor file, long events, long data) {
            this.file = file;
            this.events = events;
            this.data = data;
        }

        private int possible() {
            return (int) (file.poll() & (events | POLLERR | POLLHUP));
        }

        @Override
        public void woken(int what) {
            // ep_poll_callback(): who waits for other events sleeps on, and so does a one-shot that has fired.
            boolean disabled = (events & ~MODES) == 0;
            if (!disabled && (what == 0 || (what & (events | POLLERR | POLLHUP)) != 0)) {
                ready.add(this);
                wake(POLLIN | POLLRDNORM);
            }
        }
    }

    Result add(int fd, Descriptor file, long events, long data) {
        if (file == this) {
            return Result.error(Errno.EINVAL);
        }
        if (items.containsKey(fd)) {
            return Result.error(Errno.EEXIST);
        }
        Item item = new Item(file, events, data);
        items.put(fd, item);
        file.watch(item);
        consider(item);
        return Result.OK;
    }

    Result modify(int fd, long events, long data) {
        Item item = items.get(fd);
        if (item == null) {
            return Result.error(Errno.ENOENT);
        }
        item.events = events;
        item.data = data;
        consider(item);
        return Result.OK;
    }

    Result delete(int fd) {
        Item item = items.remove(fd);
        if (item == null) {
            return Result.error(Errno.ENOENT);
        }
        item.file.unwatch(item);
        ready.remove(item);
        return Result.OK;
    }

    private void consider(Item item) {
        if (item.possible() != 0) {
            ready.add(item);
            wake(POLLIN | POLLRDNORM);
            table.retry();
        }
    }

    /** At most {@code most} events; those told stay ready if they are level-triggered. */
    List<Event> take(int most) {
        List<Event> told = new ArrayList<>();
        List<Item> again = new ArrayList<>();
        Iterator<Item> it = ready.iterator();
        while (it.hasNext() && told.size() < most) {
            Item item = it.next();
            it.remove();
            int possible = item.file.references == 0 ? 0 : item.possible();
            if (possible == 0) {
                continue;
            }
            told.add(new Event(possible & 0xffff_ffffL, item.data));
            if ((item.events & ONE_SHOT) != 0) {
                item.events &= MODES;
            } else if ((item.events & EDGE) == 0) {
                again.add(item);
            }
        }
        ready.addAll(again);
        return told;
    }

    @Override
    int poll() {
        for (Item item : ready) {
            if (item.file.references > 0 && item.possible() != 0) {
                return POLLIN | POLLRDNORM;
            }
        }
        return 0;
    }

    @Override
    Result close() {
        items.values().forEach(i -> i.file.unwatch(i));
        items.clear();
        ready.clear();
        return Result.OK;
    }
}
