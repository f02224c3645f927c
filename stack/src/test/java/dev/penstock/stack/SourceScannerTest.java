package dev.penstock.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SourceScannerTest {

    private static List<Integer> lengths(String source) {
        return SourceScanner.methods(source).stream()
                .map(SourceScanner.Method::lines)
                .toList();
    }

    @Test
    void measuresMethodsConstructorsAndInitializers() {
        String source =
                """
                package x;
                /** A { brace in a comment. */
                public final class A<T extends B> {
                    private static final int[] TABLE = {
                        1, 2,
                        3
                    };
                    static {
                        go();
                    }
                    A() { }

                    /** Doc. */
                    @Override
                    public <U> int f(U u)
                            throws E {
                        if (u == null) { // }
                            return "{\\"}}".length() + '{' + '\\'';
                        }
                        return 0;
                    }
                    abstract int g();
                }
                """;
        assertEquals(List.of(3, 1, 8), lengths(source));
        assertEquals(14, SourceScanner.methods(source).get(2).firstLine());
    }

    @Test
    void looksIntoNestedAndAnonymousTypesAndEnumConstants() {
        String source =
                """
                class A {
                    private final Runnable r = new Runnable() {
                        @Override
                        public void run() {
                        }
                    };
                    private final Runnable lambda = () -> {
                        go();
                    };
                    enum E {
                        ONE(1) {
                            int f() {
                                return 1;
                            }
                        },
                        TWO(2) {
                            int f() { return 2; }
                        };
                    }
                    record R(int a) {
                        R {
                            check(a);
                        }
                    }
                }
                """;
        assertEquals(List.of(3, 3, 1, 3), lengths(source));
    }

    @Test
    void aMethodIsAsLongAsItIs() {
        String body = "        go();\n".repeat(69);
        assertEquals(List.of(71), lengths("class A {\n    void f() {\n" + body + "    }\n}\n"));
    }

    @Test
    void noticesWhenItIsLost() {
        assertThrows(IllegalArgumentException.class, () -> lengths("class A {"));
    }
}
