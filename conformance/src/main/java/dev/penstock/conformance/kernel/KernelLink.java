package dev.penstock.conformance.kernel;

import dev.penstock.apps.http.FileHandler;
import dev.penstock.apps.http.HttpServer;
import dev.penstock.apps.net.StackTransport;
import dev.penstock.apps.service.ChargenService;
import dev.penstock.apps.service.DiscardService;
import dev.penstock.apps.service.EchoService;
import dev.penstock.apps.service.TcpService;
import dev.penstock.apps.service.UdpService;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.StackBuilder;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.PcapTap;
import dev.penstock.stack.device.PcapngWriter;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.tap.NativeBinding;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A Linux kernel and a Penstock stack on the two sides of a TAP interface, in a network namespace of their own. The
 * stack serves echo, discard, chargen and, given a directory, HTTP. Everything is gone after {@link #close}.
 */
public final class KernelLink implements AutoCloseable {
    /** The stack's address. */
    public static final String STACK = "10.9.0.2";
    /** The kernel's. */
    public static final String KERNEL = "10.9.0.1";
    /** The stack's MAC address. */
    public static final long STACK_MAC = MacAddress.parse("02:00:00:00:00:77");

    public static final int ECHO = 7;
    public static final int DISCARD = 9;
    public static final int CHARGEN = 19;
    public static final int HTTP = 80;

    private final NetNamespace namespace;
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final List<TcpService> tcp = new ArrayList<>();
    private final List<UdpService> udp = new ArrayList<>();
    private PenstockStack stack;
    private PcapngWriter capture;
    private HttpServer http;

    private KernelLink(NetNamespace namespace) {
        this.namespace = namespace;
    }

    /** What a link is made of; {@link #open} makes it. */
    public static final class Setup {
        private boolean vnetHeader = true;
        private NativeBinding binding = NativeBinding.JNR;
        private Path capture;
        private Path httpRoot;
        private UnaryOperator<BlockingDevice> decorator = UnaryOperator.identity();
        private Consumer<StackBuilder> stack = builder -> {};
        private boolean services = true;
        private final List<String> prepared = new ArrayList<>();

        /** Offload checksums and segmentation to the kernel, the default; or plain frames of one MTU. */
        public Setup vnetHeader(boolean on) {
            vnetHeader = on;
            return this;
        }

        /** JNR unless told. */
        public Setup binding(NativeBinding value) {
            binding = value;
            return this;
        }

        /** Write all frames to this file, as pcapng. */
        public Setup capture(Path file) {
            capture = file;
            return this;
        }

        /** Serve this directory. */
        public Setup httpRoot(Path directory) {
            httpRoot = directory;
            return this;
        }

        /** What stands between the device and the stack. */
        public Setup decorator(UnaryOperator<BlockingDevice> value) {
            decorator = value;
            return this;
        }

        /** Settings of the stack, beside its device and address. */
        public Setup stack(Consumer<StackBuilder> settings) {
            stack = settings;
            return this;
        }

        /** Commands for the kernel's side, once the interface is there and before the stack starts. */
        public Setup prepare(String... commands) {
            prepared.addAll(List.of(commands));
            return this;
        }

        /** Whether echo, discard and chargen are served; true unless told. */
        public Setup services(boolean on) {
            services = on;
            return this;
        }

        /** Makes the namespace, the interface and the stack, and starts the services. */
        public KernelLink open() throws Exception {
            NetNamespace namespace = NetNamespace.create(binding);
            KernelLink link = new KernelLink(namespace);
            try {
                link.start(this);
                return link;
            } catch (Exception e) {
                link.close();
                throw e;
            }
        }
    }

    private void start(Setup setup) throws Exception {
        TapConfig config = TapConfig.builder()
                .name("pen0")
                .macAddress(STACK_MAC)
                .binding(setup.binding)
                .vnetHeader(setup.vnetHeader)
                .hostAddress(KERNEL + "/24")
                .build();
        TapDevice tap = namespace.call(() -> TapDevice.open(config));
        for (String command : setup.prepared) {
            Ran ran = run(10, command.split(" "));
            if (!ran.isOk()) {
                tap.close();
                throw new IOException(ran.toString());
            }
        }
        BlockingDevice device = setup.decorator.apply(tap);
        if (setup.capture != null) {
            capture = openCapture(setup.capture);
            device = (BlockingDevice) PcapTap.over(device, capture, "pen0", KernelLink::epochNs);
        }
        StackBuilder builder = PenstockStack.builder()
                .device(device)
                .address(STACK + "/24")
                .gateway(KERNEL)
                .errorHandler(faults::add);
        setup.stack.accept(builder);
        stack = builder.start();
        if (setup.services) {
            start(new EchoService(), UdpService.Kind.ECHO, ECHO);
            start(new DiscardService(), UdpService.Kind.DISCARD, DISCARD);
            start(new ChargenService(), UdpService.Kind.CHARGEN, CHARGEN);
        }
        if (setup.httpRoot != null) {
            http = new HttpServer(StackTransport.listener(stack.listen(HTTP)), new FileHandler(setup.httpRoot)).start();
        }
    }

    private void start(TcpService service, UdpService.Kind kind, int port) throws IOException {
        service.start(stack, port);
        tcp.add(service);
        udp.add(UdpService.start(stack, kind, port));
    }

    private static PcapngWriter openCapture(Path file) throws IOException {
        return new PcapngWriter(
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING),
                65_535 + 14);
    }

    private static long epochNs() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** The stack. */
    public PenstockStack stack() {
        return stack;
    }

    /** The kernel's side: threads and processes started in it see the TAP interface and nothing else. */
    public NetNamespace namespace() {
        return namespace;
    }

    /** Runs {@code action} on a thread whose sockets are the kernel's, on the other side of the wire. */
    public <T> T onKernel(Callable<T> action) throws Exception {
        return namespace.call(action);
    }

    /** Exceptions that came out of the stack or its services: none, if all is well. */
    public List<Throwable> faults() {
        return faults;
    }

    /**
     * What a command did.
     *
     * @param exit its exit code, or -1 when it was ended for taking too long
     * @param output both of its streams together
     * @param ns how long it took
     */
    public record Ran(List<String> command, int exit, String output, long ns) {
        /** Whether it exited with 0. */
        public boolean isOk() {
            return exit == 0;
        }

        @Override
        public String toString() {
            return String.join(" ", command) + " -> " + exit + "\n" + output;
        }
    }

    /** Runs a command on the kernel's side, for at most {@code seconds}. */
    public Ran run(int seconds, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("penstock-", ".out");
        try {
            long began = System.nanoTime();
            Process process = namespace.start(
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()));
            process.getOutputStream().close();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            long ns = System.nanoTime() - began;
            String text = Files.readString(output, StandardCharsets.ISO_8859_1);
            return new Ran(List.of(command), ended ? process.exitValue() : -1, text, ns);
        } finally {
            Files.delete(output);
        }
    }

    /**
     * The TCP sockets of the kernel's side that are neither listening nor in TIME-WAIT, as {@code ss} shows them, once
     * there are none or after {@code seconds}.
     */
    public List<String> unfinished(int seconds) throws IOException, InterruptedException {
        List<String> left = List.of();
        for (int i = 0; i < seconds * 5; i++) {
            left = run(10, "ss", "-Htan")
                    .output()
                    .lines()
                    .filter(line -> !line.startsWith("LISTEN") && !line.startsWith("TIME-WAIT"))
                    .toList();
            if (left.isEmpty()) {
                break;
            }
            Thread.sleep(200);
        }
        return left;
    }

    /** Ends the services and the stack; the capture is complete then. Idempotent. */
    public void stop() {
        if (http != null) {
            http.close(2000);
        }
        tcp.forEach(TcpService::close);
        udp.forEach(UdpService::close);
        if (stack != null) {
            stack.close();
        }
        if (capture != null) {
            capture.close();
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            namespace.close();
        }
    }
}
