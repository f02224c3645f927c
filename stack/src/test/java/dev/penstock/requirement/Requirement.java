package dev.penstock.requirement;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * This test fails when the stack does not do what these rows of {@code conformance/requirements} ask. On a class: its tests
 * together hold it.
 *
 * <p>Written {@code @Requirement("RFC9293:MUST-12")}: the file's name in capitals, a colon, the row's id; string literals
 * only, since the check reads sources. {@code ./penstock conformance sync} then fills the column {@code test} of the rows.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@Repeatable(Requirement.List.class)
public @interface Requirement {
    /** The rows, as {@code RFC9293:MUST-12}. */
    String[] value();

    /** What the compiler makes of several of them. */
    @Documented
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.TYPE, ElementType.METHOD})
    @interface List {
        Requirement[] value();
    }
}
