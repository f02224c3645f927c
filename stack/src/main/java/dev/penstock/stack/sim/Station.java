package dev.penstock.stack.sim;

import dev.penstock.stack.device.NetworkDevice;

/** Something that is not one of our stacks: another stack, a generator of frames, a middlebox. Virtual time. */
@FunctionalInterface
public interface Station {
    /**
     * A frame has arrived, the moment that this asked for has come, or {@link SimulatedStation#wake} was called.
     *
     * @param device to be polled for the frames that have arrived, and offered frames; what is not polled stays there
     * @param nowNs the network's time
     * @return when to be called again at the latest, {@link Long#MAX_VALUE} for not before the next frame
     */
    long run(NetworkDevice device, long nowNs);
}
