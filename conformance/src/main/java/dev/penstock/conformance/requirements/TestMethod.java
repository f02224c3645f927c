package dev.penstock.conformance.requirements;

import java.util.List;

/**
 * A test, or a class of tests, that carries {@code @Requirement}.
 *
 * @param module of the repository
 * @param className with its package; a nested one as {@code Outer.Inner}
 * @param method its name; empty for a class
 * @param requirements what it names, RFC9293:MUST-12
 * @param file relative to the repository, with slashes
 * @param line of its name, from 1
 * @param trouble why it holds nothing, such as being disabled; empty when it does
 */
record TestMethod(
        String module,
        String className,
        String method,
        List<String> requirements,
        String file,
        int line,
        String trouble) {
    TestMethod {
        requirements = List.copyOf(requirements);
    }

    String place() {
        return file + ":" + line + ": ";
    }

    /** {@code Rfc9293OpenTest#method}: without the package. */
    String shortName() {
        String[] parts = className.split("\\.");
        int first = 0;
        while (first < parts.length - 1 && Character.isLowerCase(parts[first].charAt(0))) {
            first++;
        }
        return String.join(".", List.of(parts).subList(first, parts.length)) + suffix();
    }

    /** With the package. */
    String fullName() {
        return className + suffix();
    }

    private String suffix() {
        return method.isEmpty() ? "" : "#" + method;
    }
}
