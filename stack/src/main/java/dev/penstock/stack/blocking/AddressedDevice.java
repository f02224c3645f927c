package dev.penstock.stack.blocking;

import dev.penstock.stack.base.DropListener;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.BlockingDeviceDecorator;
import org.agrona.DirectBuffer;

/** A device with another MAC address than its own. Shard thread. */
final class AddressedDevice extends BlockingDeviceDecorator implements DropListener {
    private final long mac;
    private final DropListener drops;

    AddressedDevice(BlockingDevice delegate, long mac) {
        super(delegate);
        this.mac = mac;
        this.drops = delegate instanceof DropListener listener ? listener : null;
    }

    @Override
    public long macAddress() {
        return mac;
    }

    @Override
    public void onDrop(DropReason reason, DirectBuffer buffer, int offset, int length) {
        if (drops != null) {
            drops.onDrop(reason, buffer, offset, length);
        }
    }
}
