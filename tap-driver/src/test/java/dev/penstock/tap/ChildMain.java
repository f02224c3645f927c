package dev.penstock.tap;

/** What a JVM of its own does for {@link ChildJvmTest}: one verb, one line on stdout. */
final class ChildMain {
    private ChildMain() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "probe" ->
                System.out.println(NetNamespace.privilege().privilege() + ": "
                        + NetNamespace.privilege().reason());
            case "open" -> open(NativeBinding.parse(args[1]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void open(NativeBinding binding) throws Exception {
        TapConfig config = TapConfig.builder()
                .binding(binding)
                .macAddress(0x02_00_00_00_00_01L)
                .hostAddress("10.9.0.1/24")
                .build();
        try (NetNamespace namespace = NetNamespace.create(binding);
                TapDevice device = namespace.call(() -> TapDevice.open(config))) {
            device.await(1000);
            device.poll(frame -> {}, 10);
            System.out.println(device);
        } catch (TapException e) {
            System.out.println(e.getMessage());
        }
    }
}
