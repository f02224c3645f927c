package dev.penstock.conformance.requirements;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Finds {@code @Requirement} in the test sources of all modules. Sources, since they are there whatever was built, and
 * have the lines that the report links to; read by the compiler's own parser.
 */
final class TestSources {
    private static final Set<String> TESTS =
            Set.of("Test", "Property", "Example", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate");
    private static final String ANNOTATION = "Requirement";

    private final Path root;
    private final List<TestMethod> found = new ArrayList<>();

    private TestSources(Path root) {
        this.root = root;
    }

    /** All of them, in the order of files and lines. {@code root} is the repository's directory. */
    static List<TestMethod> scan(Path root) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IOException(
                    "this Java has no compiler, whose parser reads the tests: run it with a JDK, not a JRE");
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.sorted().toList()) {
                Path tests = module.resolve("src/test/java");
                if (Files.isDirectory(tests)) {
                    try (Stream<Path> walk = Files.walk(tests)) {
                        walk.filter(f -> f.toString().endsWith(".java"))
                                .sorted()
                                .forEach(files::add);
                    }
                }
            }
        }
        List<Path> annotated = new ArrayList<>();
        for (Path file : files) {
            if (Files.readString(file, StandardCharsets.UTF_8).contains("@" + ANNOTATION)) {
                annotated.add(file);
            }
        }
        TestSources sources = new TestSources(root);
        if (!annotated.isEmpty()) {
            sources.parse(compiler, annotated);
        }
        return List.copyOf(sources.found);
    }

    private void parse(JavaCompiler compiler, List<Path> files) throws IOException {
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        try (StandardJavaFileManager manager =
                compiler.getStandardFileManager(diagnostics, null, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null,
                    manager,
                    diagnostics,
                    List.of("-proc:none"),
                    null,
                    manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(unit, positions).scan(unit, null);
            }
        }
        for (Diagnostic<? extends JavaFileObject> diagnostic : diagnostics.getDiagnostics()) {
            if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
                throw new IOException("cannot read " + diagnostic.getSource().getName() + ", line "
                        + diagnostic.getLineNumber() + ": " + diagnostic.getMessage(null) + ": make it compile first");
            }
        }
    }

    private final class Scanner extends TreeScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final String file;
        private final Deque<String> names = new ArrayDeque<>();
        private final Deque<String> disabled = new ArrayDeque<>();

        Scanner(CompilationUnitTree unit, SourcePositions positions) {
            this.unit = unit;
            this.positions = positions;
            this.file = root.toAbsolutePath()
                    .relativize(Path.of(unit.getSourceFile().toUri()))
                    .toString()
                    .replace('\\', '/');
        }

        @Override
        public Void visitClass(ClassTree type, Void unused) {
            names.addLast(type.getSimpleName().toString());
            boolean off = has(type.getModifiers(), Set.of("Disabled"));
            if (off) {
                disabled.addLast(type.getSimpleName().toString());
            }
            add(type, type.getModifiers(), "", disabled.isEmpty() ? "" : "is @Disabled");
            super.visitClass(type, null);
            if (off) {
                disabled.removeLast();
            }
            names.removeLast();
            return null;
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            String trouble = "";
            if (!has(method.getModifiers(), TESTS)) {
                trouble = "is no test (@Test, @Property, ...)";
            } else if (!disabled.isEmpty() || has(method.getModifiers(), Set.of("Disabled"))) {
                trouble = "is @Disabled";
            }
            add(method, method.getModifiers(), method.getName().toString(), trouble);
            return super.visitMethod(method, null);
        }

        private void add(Tree tree, ModifiersTree modifiers, String method, String trouble) {
            List<String> requirements = new ArrayList<>();
            String why = trouble;
            long position = positions.getStartPosition(unit, tree);
            for (AnnotationTree annotation : modifiers.getAnnotations()) {
                if (simpleName(annotation.getAnnotationType()).equals(ANNOTATION)) {
                    position = positions.getStartPosition(unit, annotation);
                    for (ExpressionTree argument : annotation.getArguments()) {
                        if (!literals(argument, requirements)) {
                            why = "has a @Requirement that is no string literal: write it out, the check reads sources";
                        }
                    }
                }
            }
            if (requirements.isEmpty() && !why.startsWith("has a @Requirement")) {
                return;
            }
            String pack = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
            found.add(new TestMethod(
                    file.substring(0, file.indexOf('/')),
                    pack + String.join(".", names),
                    method,
                    requirements,
                    file,
                    (int) unit.getLineMap().getLineNumber(position),
                    why));
        }

        private static boolean literals(ExpressionTree argument, List<String> out) {
            if (argument instanceof AssignmentTree named) {
                return literals(named.getExpression(), out);
            }
            if (argument instanceof NewArrayTree array) {
                boolean all = true;
                for (ExpressionTree element : array.getInitializers()) {
                    all &= literals(element, out);
                }
                return all;
            }
            if (argument instanceof LiteralTree literal && literal.getValue() instanceof String text) {
                out.add(text);
                return true;
            }
            return false;
        }

        private static boolean has(ModifiersTree modifiers, Set<String> annotations) {
            return modifiers.getAnnotations().stream()
                    .anyMatch(a -> annotations.contains(simpleName(a.getAnnotationType())));
        }

        private static String simpleName(Tree type) {
            if (type instanceof IdentifierTree name) {
                return name.getName().toString();
            }
            return type instanceof MemberSelectTree select
                    ? select.getIdentifier().toString()
                    : type.toString();
        }
    }
}
