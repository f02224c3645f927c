package dev.penstock.stack.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.ip.TestDevice;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.VlanTag;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** VLAN tags in and out (IEEE 802.1Q, clause 9; IEEE 802.1ad). */
class VlanTest {
    private static final long MAC = 0x02_00_00_00_00_01L;
    private static final long PEER = 0x02_00_00_00_00_02L;
    private static final int C_TAG = EthernetHeader.TYPE_VLAN;
    private static final int S_TAG = EthernetHeader.TYPE_QINQ;

    private final TestDevice device = new TestDevice(MAC, DeviceCapabilities.offloading(1500));
    private final Counters counters = new Counters();
    private final List<String> seen = new ArrayList<>();
    private final EthernetPort port = new EthernetPort(device, counters, null);
    private final EthernetPort vlan = port.addVlan(C_TAG, 100);
    private final EthernetPort service = port.addVlan(S_TAG, 200);
    private final EthernetPort customer = service.addVlan(C_TAG, 7);

    {
        listen(port, "untagged");
        listen(vlan, "100");
        listen(service, "s200");
        listen(customer, "s200.7");
    }

    private void listen(EthernetPort at, String name) {
        at.setHandler(
                EthernetHeader.TYPE_IPV4,
                (from, frame, offset, length, source, toGroup, now) ->
                        seen.add(name + " " + (from == at) + " " + (offset - frame.start()) + " " + length));
    }

    /** Tags, the first in 16 bits of type and 16 of control information each, before 46 bytes of IPv4. */
    private static byte[] frame(int... tags) {
        byte[] frame = new byte[14 + 4 * tags.length + 46];
        UnsafeBuffer b = new UnsafeBuffer(frame);
        MacAddress.put(b, 0, MAC);
        MacAddress.put(b, 6, PEER);
        for (int i = 0; i < tags.length; i++) {
            Wire.u32(b, 12 + 4 * i, tags[i]);
        }
        Wire.u16(b, 12 + 4 * tags.length, EthernetHeader.TYPE_IPV4);
        return frame;
    }

    private static int tag(int protocol, int control) {
        return protocol << 16 | control;
    }

    private void receive(byte[] frame) {
        device.received.add(frame);
        vlan.poll(10, 1);
        port.poll(10, 1);
    }

    @Test
    void framesGoToTheVlanOfTheirTags() {
        receive(frame());
        receive(frame(tag(C_TAG, 100)));
        receive(frame(tag(C_TAG, 0xe000 | 100)));
        receive(frame(tag(C_TAG, 0x1000 | 100)));
        receive(frame(tag(S_TAG, 200)));
        receive(frame(tag(S_TAG, 200), tag(C_TAG, 7)));
        receive(frame(tag(C_TAG, 0)));
        receive(frame(tag(C_TAG, 0), tag(C_TAG, 100)));
        assertEquals(
                List.of(
                        "untagged true 14 46",
                        "100 true 18 46",
                        "100 true 18 46",
                        "100 true 18 46",
                        "s200 true 18 46",
                        "s200.7 true 22 46",
                        "untagged true 18 46",
                        "100 true 22 46"),
                seen);
        assertEquals(0, counters.totalDrops());
    }

    @Test
    void whatBelongsToNoVlanIsCounted() {
        receive(frame(tag(C_TAG, 101)));
        receive(frame(tag(S_TAG, 100)));
        receive(frame(tag(C_TAG, 200), tag(C_TAG, 7)));
        receive(frame(tag(C_TAG, 100), tag(C_TAG, 7)));
        assertEquals(4, counters.get(DropReason.VLAN_UNKNOWN));
        receive(frame(tag(C_TAG, 4095)));
        receive(frame(tag(S_TAG, 200), tag(C_TAG, 4095)));
        assertEquals(2, counters.get(DropReason.VLAN_RESERVED));
        int none = tag(C_TAG, 0);
        receive(frame(none, none, none, none));
        receive(frame(none, none, none, none, none));
        assertEquals(1, counters.get(DropReason.VLAN_TOO_MANY_TAGS));
        assertEquals(List.of("untagged true 30 46"), seen);
    }

    @Test
    void aVlanOutOfUseTakesNothing() {
        service.setEnabled(false);
        assertFalse(customer.isUp(), "it stands on what is down");
        assertTrue(vlan.isUp());
        receive(frame(tag(S_TAG, 200), tag(C_TAG, 7)));
        assertEquals(1, counters.get(DropReason.INTERFACE_DOWN));
        device.up = false;
        assertFalse(vlan.isUp(), "it follows the device");
    }

    @Test
    void groupsAreJoinedByEachVlanForItself() {
        long group = MacAddress.forIpv4Multicast(Packets.ip("224.0.0.5"));
        vlan.join(group);
        byte[] tagged = frame(tag(C_TAG, 100));
        MacAddress.put(new UnsafeBuffer(tagged), 0, group);
        receive(tagged);
        assertEquals(List.of("100 true 18 46"), seen);
        byte[] untagged = frame();
        MacAddress.put(new UnsafeBuffer(untagged), 0, group);
        receive(untagged);
        assertEquals(1, counters.get(DropReason.ETHERNET_NOT_FOR_US));
    }

    @Test
    void tagsAreWrittenOutermostFirst() {
        Frame frame = new Frame(2000);
        int[] headers = {14, 18, 18, 22};
        String[] tags = {"", "8100a064", "88a8a0c8", "88a8a0c88100a007"};
        EthernetPort[] ports = {port, vlan, service, customer};
        for (int i = 0; i < ports.length; i++) {
            frame.reset();
            frame.append(100);
            frame.pushTransport(20);
            frame.pushNetwork(20);
            frame.tx().checksumNeeded = true;
            frame.tx().csumOffset = 16;
            frame.tx().headerLength = 20;
            frame.tx().priority = 5;
            assertEquals(1, ports[i].send(frame, PEER, EthernetHeader.TYPE_IPV4));
            byte[] sent = device.sent.poll();
            assertEquals(headers[i] + 140, sent.length);
            assertEquals(
                    "020000000002020000000001" + tags[i] + "0800",
                    HexFormat.of().formatHex(sent, 0, headers[i]));
            // The checksum begins behind all tags.
            assertEquals("true " + (headers[i] + 20) + " 16 0 0 " + (headers[i] + 40), device.lastTx);
        }
    }

    @Test
    void aFullDeviceLeavesTheFrameAsItWas() {
        Frame frame = new Frame(2000);
        frame.append(100);
        frame.pushTransport(20);
        frame.pushNetwork(20);
        device.room = 0;
        assertEquals(0, customer.send(frame, PEER, EthernetHeader.TYPE_IPV4));
        assertEquals(140, frame.length());
        device.room = 1;
        assertEquals(1, customer.send(frame, PEER, EthernetHeader.TYPE_IPV4));
        assertEquals(162, device.sent.poll().length);
    }

    @Test
    void badVlansAreRefused() {
        for (int id : new int[] {-1, 0, 4095, 4096}) {
            String said = assertThrows(IllegalArgumentException.class, () -> port.addVlan(C_TAG, id))
                    .getMessage();
            assertEquals("a VLAN id must be in 1 .. 4094: " + id, said);
        }
        assertThrows(IllegalArgumentException.class, () -> port.addVlan(C_TAG, 100), "there already");
        assertThrows(IllegalArgumentException.class, () -> port.addVlan(0x0800, 5), "no tag");
        assertThrows(IllegalArgumentException.class, () -> customer.addVlan(C_TAG, 5), "too deep");
        for (int i = 2; i < EthernetPort.MAX_VLANS; i++) {
            port.addVlan(C_TAG, 1000 + i);
        }
        assertThrows(IllegalArgumentException.class, () -> port.addVlan(C_TAG, 9), "too many");
    }

    @Property(tries = 300)
    void anyTagsTruncatedAnywhereAreTakenOrCounted(
            @ForAll @Size(max = 6) List<@IntRange(max = 0xffff) Integer> controls,
            @ForAll boolean inner,
            @ForAll @IntRange(max = 90) int cut) {
        int[] tags = new int[controls.size()];
        for (int i = 0; i < tags.length; i++) {
            tags[i] = tag(inner && i > 0 ? C_TAG : S_TAG, controls.get(i));
        }
        byte[] whole = frame(tags);
        long before = counters.totalDrops() + seen.size();
        receive(Arrays.copyOf(whole, Math.min(cut, whole.length)));
        assertEquals(before + 1, counters.totalDrops() + seen.size());
    }

    @Property(tries = 200)
    void whatIsWrittenIsRead(@ForAll @IntRange(max = 7) int priority, @ForAll @IntRange(min = 1, max = 4094) int id) {
        UnsafeBuffer b = new UnsafeBuffer(new byte[4]);
        VlanTag.put(b, 0, C_TAG, priority, id);
        assertEquals(C_TAG, Wire.u16(b, 0));
        assertEquals(priority, VlanTag.priority(b, 2));
        assertEquals(id, VlanTag.vid(b, 2));
        assertFalse(VlanTag.isDropEligible(b, 2));
    }
}
