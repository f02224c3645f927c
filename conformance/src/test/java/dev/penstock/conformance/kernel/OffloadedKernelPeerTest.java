package dev.penstock.conformance.kernel;

import dev.penstock.tap.NativeBinding;

/** With virtio-net headers, super-segments and unfinished checksums, through JNR. */
class OffloadedKernelPeerTest extends KernelPeerContract {
    @Override
    KernelLink.Setup setup() {
        return new KernelLink.Setup().vnetHeader(true).binding(NativeBinding.JNR);
    }
}
