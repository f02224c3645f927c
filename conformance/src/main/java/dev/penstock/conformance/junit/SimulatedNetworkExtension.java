package dev.penstock.conformance.junit;

import dev.penstock.stack.sim.SimulatedNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Makes an invocation of each seed of a {@link SimulatedNetworkTest}. */
final class SimulatedNetworkExtension implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), SimulatedNetworkTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        SimulatedNetworkTest test = AnnotationSupport.findAnnotation(
                        context.getRequiredTestMethod(), SimulatedNetworkTest.class)
                .orElseThrow();
        Map<Long, Long> digests = new HashMap<>();
        return Seeds.of(
                        test,
                        context.getConfigurationParameter(Seeds.ONLY),
                        context.getConfigurationParameter(Seeds.MANY))
                .boxed()
                .flatMap(seed -> Stream.of(false, true)
                        .filter(again -> !again || test.twice())
                        .map(again -> new Invocation(new SeededRun(seed, test, again, digests))));
    }

    private record Invocation(SeededRun run) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "seed " + run.seed() + (run.isAgain() ? " again" : "");
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            List<Extension> extensions = new ArrayList<>();
            extensions.add(new Resolver(run));
            extensions.add(run);
            return extensions;
        }
    }

    private record Resolver(SeededRun run) implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == SimulatedNetwork.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return run.network();
        }
    }
}
