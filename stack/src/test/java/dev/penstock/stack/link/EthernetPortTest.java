package dev.penstock.stack.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.ip.TestDevice;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EthernetPortTest {
    private static final long MAC = 0x02_00_00_00_00_01L;
    private static final long PEER = 0x02_00_00_00_00_02L;

    private final TestDevice device = new TestDevice(MAC, DeviceCapabilities.offloading(1500));
    private final Counters counters = new Counters();
    private final List<String> dropped = new ArrayList<>();
    private final List<String> seen = new ArrayList<>();
    private final EthernetPort port =
            new EthernetPort(device, counters, (reason, buffer, offset, length) -> dropped.add(reason + " " + length));

    {
        for (int type : new int[] {EthernetHeader.TYPE_ARP, EthernetHeader.TYPE_IPV4}) {
            port.setHandler(
                    type,
                    (from, frame, offset, length, source, toGroup, now) -> seen.add(Integer.toHexString(type) + " "
                            + length + " " + (offset - frame.start()) + " " + MacAddress.format(source)
                            + (toGroup ? " group" : "") + " at " + now));
        }
    }

    private void receive(byte[] frame) {
        device.received.add(frame);
        port.poll(10, 77);
    }

    @Requirement("RFC1122:LL-7")
    @Test
    void framesForUsGoUpByType() {
        receive(Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_IPV4, new byte[46]));
        receive(Packets.ethernet(MacAddress.BROADCAST, PEER, EthernetHeader.TYPE_ARP, new byte[46]));
        assertEquals(List.of("800 46 14 02:00:00:00:00:02 at 77", "806 46 14 02:00:00:00:00:02 group at 77"), seen);
        assertEquals(2, counters.get(StackCounter.FRAMES_IN));
        assertEquals(120, counters.get(StackCounter.BYTES_IN));
    }

    @Test
    void allOthersAreDroppedByName() {
        byte[] good = Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_IPV4, new byte[46]);
        receive(Arrays.copyOf(good, 13));
        receive(new byte[0]);
        receive(Packets.ethernet(PEER, PEER, EthernetHeader.TYPE_IPV4, new byte[46]));
        receive(Packets.ethernet(0x3333_0000_0001L, PEER, EthernetHeader.TYPE_IPV4, new byte[46]));
        receive(Packets.ethernet(MAC, MAC, EthernetHeader.TYPE_IPV4, new byte[46]));
        receive(Packets.ethernet(MAC, MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4, new byte[46]));
        receive(Packets.ethernet(MAC, 0, EthernetHeader.TYPE_IPV4, new byte[46]));
        receive(Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_IPV6, new byte[46]));
        receive(Packets.ethernet(MAC, PEER, 46, new byte[46]));
        receive(Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_QINQ, new byte[] {0, 5, 8, 0}));
        assertEquals(List.of(), seen);
        assertEquals(
                List.of(
                        "ETHERNET_TRUNCATED 13",
                        "ETHERNET_TRUNCATED 0",
                        "ETHERNET_NOT_FOR_US 60",
                        "ETHERNET_NOT_FOR_US 60",
                        "ETHERNET_BAD_SOURCE 60",
                        "ETHERNET_BAD_SOURCE 60",
                        "ETHERNET_BAD_SOURCE 60",
                        "ETHERNET_UNKNOWN_TYPE 60",
                        "ETHERNET_UNKNOWN_TYPE 60",
                        "VLAN_UNKNOWN 18"),
                dropped);
        assertEquals(10, counters.totalDrops());
    }

    @Test
    void untaggedFramesMayHavePriorityTags() {
        byte[] tag = {(byte) 0xa0, 0, 8, 0};
        receive(Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_VLAN, Packets.concat(tag, new byte[42])));
        assertEquals(List.of("800 42 18 02:00:00:00:00:02 at 77"), seen);
        tag[1] = 5;
        receive(Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_VLAN, Packets.concat(tag, new byte[42])));
        receive(Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_VLAN, new byte[3]));
        assertEquals(1, seen.size());
        assertEquals(1, counters.get(DropReason.VLAN_UNKNOWN));
        assertEquals(1, counters.get(DropReason.ETHERNET_TRUNCATED));
    }

    @Test
    void whatIsOutOfUseIsDown() {
        port.setEnabled(false);
        assertFalse(port.isUp());
        receive(Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_IPV4, new byte[46]));
        assertEquals(List.of("INTERFACE_DOWN 60"), dropped);
        port.setEnabled(true);
        assertTrue(port.isUp());
        receive(Packets.ethernet(MAC, PEER, EthernetHeader.TYPE_IPV4, new byte[46]));
        assertEquals(1, seen.size());
        device.up = false;
        assertFalse(port.isUp());
    }

    @Test
    void groupsAreCountedAndBounded() {
        long group = MacAddress.forIpv4Multicast(Packets.ip("224.0.0.5"));
        assertTrue(port.join(group));
        assertTrue(port.join(group));
        port.leave(group);
        assertTrue(port.isListeningTo(group));
        port.leave(group);
        assertFalse(port.isListeningTo(group));
        port.leave(group);
        for (int i = 0; i < EthernetPort.MAX_GROUPS; i++) {
            assertTrue(port.join(group + i));
        }
        assertFalse(port.join(group + 1000));
    }

    @Test
    void offloadFieldsAreMadeRightAndTakenBack() {
        Frame frame = new Frame(4000);
        frame.append(3000);
        frame.pushTransport(20);
        frame.pushNetwork(20);
        TxOffload tx = frame.tx();
        tx.checksumNeeded = true;
        tx.csumOffset = 16;
        tx.headerLength = 20;
        tx.gsoType = TxOffload.GSO_TCPV4;
        tx.gsoSize = 1000;
        device.room = 2;
        assertEquals(2, port.send(frame, PEER, EthernetHeader.TYPE_IPV4));
        assertEquals("true 34 16 1 1000 54", device.lastTx);
        assertEquals(20, tx.headerLength);
        assertEquals(3040, frame.length());
        assertEquals(2 * 1054, counters.get(StackCounter.BYTES_OUT));
        device.room = 3;
        assertEquals(3, port.send(frame, PEER, EthernetHeader.TYPE_IPV4));
        assertEquals(2 * 1054 + 3 * 1054, counters.get(StackCounter.BYTES_OUT));
        assertEquals(5, counters.get(StackCounter.FRAMES_OUT));
        device.room = 0;
        frame.reset();
        frame.append(10);
        assertEquals(0, port.send(frame, PEER, EthernetHeader.TYPE_ARP));
        assertEquals(10, frame.length());
    }

    @Test
    void aGroupAddressIsNoPort() {
        TestDevice bad = new TestDevice(MacAddress.BROADCAST, DeviceCapabilities.plain(1500));
        assertThrows(IllegalArgumentException.class, () -> new EthernetPort(bad, counters, null));
        assertThrows(IllegalArgumentException.class, () -> port.setHandler(0x1234, null));
    }
}
