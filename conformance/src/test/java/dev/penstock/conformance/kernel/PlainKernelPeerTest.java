package dev.penstock.conformance.kernel;

import dev.penstock.tap.NativeBinding;

/** Without any offload: every packet and every checksum is made and checked by the stack. Through JNA. */
class PlainKernelPeerTest extends KernelPeerContract {
    @Override
    KernelLink.Setup setup() {
        return new KernelLink.Setup().vnetHeader(false).binding(NativeBinding.JNA);
    }
}
