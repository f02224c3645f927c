package dev.penstock.conformance.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs once for each of a number of seeds, with a new {@code SimulatedNetwork} of that seed as its parameter
 * (and as that of {@code @BeforeEach} and {@code @AfterEach} methods, if they ask for it).
 *
 * <pre>{@code
 * @SimulatedNetworkTest(seeds = 100)
 * void everythingArrives(SimulatedNetwork net) { ... }
 * }</pre>
 *
 * <p>After the method, the network is closed, and what was not given back is a failure. A failure tells its seed and how
 * to run that seed alone, and leaves the last events of the run as a trace and as a capture.
 *
 * <p>System properties: {@code penstock.seed} runs these seeds only, as {@code 17}, {@code 3,17} or {@code 10..20};
 * {@code penstock.seeds} runs so many in the place of {@link #seeds}; {@code penstock.failures} is the directory of traces
 * and captures, without it {@code target/simulated-network}.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@ExtendWith(SimulatedNetworkExtension.class)
public @interface SimulatedNetworkTest {
    /** How many seeds, at least 1. */
    int seeds() default 10;

    /** The first of them; the others follow it. */
    long firstSeed() default 1;

    /** Runs each seed twice, and fails if the two runs differ in a byte or a nanosecond. */
    boolean twice() default false;

    /** How many of the last events are kept for a failure's trace and capture; 0 for neither. */
    int record() default 20_000;
}
