package dev.penstock.perf.bench;

import dev.penstock.stack.blocking.IdleMode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** spin, hybrid or blocking. */
final class ModeConverter implements ITypeConverter<IdleMode> {
    @Override
    public IdleMode convert(String text) {
        return switch (text) {
            case "spin" -> IdleMode.BUSY;
            case "hybrid" -> IdleMode.HYBRID;
            case "blocking" -> IdleMode.BLOCKING;
            default -> throw new TypeConversionException("'" + text + "' is no mode: give spin, hybrid or blocking");
        };
    }
}
