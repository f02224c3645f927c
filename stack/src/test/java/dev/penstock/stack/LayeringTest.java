package dev.penstock.stack;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The shape of the house: the order of the packages, the rules of the core, and how long files and methods may be. */
class LayeringTest {
    private static final String ROOT = "dev.penstock.stack.";
    /** Each package may use those before it. */
    private static final List<String> ORDER = List.of(
            "base",
            "buffer",
            "wire",
            "device",
            "timer",
            "link",
            "neighbor",
            "ip",
            "udp",
            "tcp",
            "dhcp",
            "socket",
            "shard",
            "sim",
            "blocking",
            "nio");

    private static final List<String> CORE = ORDER.subList(0, ORDER.indexOf("blocking"));
    private static final int MAX_FILE_LINES = 600;
    private static final int MAX_METHOD_LINES = 70;

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.penstock.stack");

    private static String[] packages(List<String> names) {
        return names.stream().map(n -> ROOT + n + "..").toArray(String[]::new);
    }

    @Test
    void everyClassLivesInAPackageOfTheTable() {
        assertTrue(CLASSES.size() > 30, "found only " + CLASSES.size() + " classes");
        classes().should().resideInAnyPackage(packages(ORDER)).check(CLASSES);
    }

    @Test
    void eachPackageUsesOnlyThoseAboveIt() {
        for (int i = 0; i < ORDER.size() - 1; i++) {
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + ORDER.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(packages(ORDER.subList(i + 1, ORDER.size())))
                    .because("DESIGN.md orders the packages")
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void udpAndTcpDoNotSeeEachOther() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "tcp..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "udp..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void noPackageCycles() {
        slices().matching(ROOT + "(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void theCoreTouchesNoNetworkApiAndNoLocks() {
        noClasses()
                .that()
                .resideInAnyPackage(packages(CORE))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.util.concurrent.locks..", "sun..", "jdk..")
                .because("rule 1: the core is sans-I/O, and takes no locks")
                .allowEmptyShould(true)
                .check(CLASSES);
        noMethods()
                .that()
                .areDeclaredInClassesThat(resideInAnyPackage(packages(CORE)))
                .should()
                .haveModifier(SYNCHRONIZED)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void theCoreReadsNoClockDrawsNoRandomnessAndStartsNoThread() {
        noClasses()
                .that()
                .resideInAnyPackage(packages(CORE))
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.SplittableRandom")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo("java.util.concurrent.Executor")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.Executors")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.random..", "java.time..")
                .orShould()
                .callCodeUnitWhere(new ForbiddenCall())
                .because("rule 1: time arrives as nowNs, randomness through RandomSource, threads belong to the caller")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /** Calls to methods of classes that are otherwise harmless. */
    private static final class ForbiddenCall extends DescribedPredicate<JavaCall<?>> {
        private static final Set<String> FORBIDDEN = Set.of(
                "java.lang.System.nanoTime",
                "java.lang.System.currentTimeMillis",
                "java.lang.Math.random",
                "java.lang.StrictMath.random",
                "java.util.UUID.randomUUID",
                "java.lang.Thread.<init>",
                "java.lang.Thread.start",
                "java.lang.Thread.sleep",
                "java.lang.Thread.ofVirtual",
                "java.lang.Thread.ofPlatform",
                "java.lang.Thread.startVirtualThread",
                "java.lang.Object.wait",
                "java.lang.Object.notify",
                "java.lang.Object.notifyAll");

        ForbiddenCall() {
            super("a clock, a source of randomness, a thread or a monitor is used");
        }

        @Override
        public boolean test(JavaCall<?> call) {
            AccessTarget target = call.getTarget();
            return FORBIDDEN.contains(target.getOwner().getFullName() + "." + target.getName());
        }
    }

    @Test
    void theCoreHasNoSynchronizedBlocks() throws IOException {
        Pattern word = Pattern.compile("\\bsynchronized\\b");
        List<String> found = new ArrayList<>();
        for (Path file : sources(repository())) {
            boolean core = CORE.stream().anyMatch(p -> file.toString().contains("/dev/penstock/stack/" + p + "/"));
            if (core
                    && word.matcher(SourceScanner.strip(Files.readString(file))).find()) {
                found.add(file.toString());
            }
        }
        assertEquals(List.of(), found);
    }

    @Test
    void filesAndMethodsAreShort() throws IOException {
        List<Path> files = sources(repository());
        assertTrue(files.size() > 30, "found only " + files.size() + " source files");
        List<String> tooLong = new ArrayList<>();
        for (Path file : files) {
            String source = Files.readString(file);
            long lines = source.lines().count();
            if (lines > MAX_FILE_LINES) {
                tooLong.add(file + ": " + lines + " lines");
            }
            for (SourceScanner.Method m : SourceScanner.methods(source)) {
                if (m.lines() > MAX_METHOD_LINES) {
                    tooLong.add(file + ":" + m.firstLine() + ": a method of " + m.lines() + " lines");
                }
            }
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void theRulesFindWhatTheyForbid() {
        JavaClasses self = new ClassFileImporter().importClasses(ReadsTheClock.class);
        assertThrows(AssertionError.class, () -> noClasses()
                .should()
                .callCodeUnitWhere(new ForbiddenCall())
                .check(self));
    }

    /** What the core must not be. */
    static final class ReadsTheClock {
        long now() {
            return System.nanoTime();
        }
    }

    private static Path repository() {
        Path dir = Path.of("").toAbsolutePath();
        while (dir != null && !(Files.isDirectory(dir.resolve("stack/src")) && Files.exists(dir.resolve("pom.xml")))) {
            dir = dir.getParent();
        }
        assertTrue(dir != null, "the repository's root was not found");
        return dir;
    }

    private static List<Path> sources(Path repository) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> modules = Files.list(repository)) {
            for (Path module : modules.sorted().toList()) {
                Path main = module.resolve("src/main/java");
                if (Files.isDirectory(main)) {
                    try (Stream<Path> files = Files.walk(main)) {
                        files.filter(f -> f.toString().endsWith(".java")).forEach(all::add);
                    }
                }
            }
        }
        return all;
    }
}
