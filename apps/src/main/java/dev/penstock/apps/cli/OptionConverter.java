package dev.penstock.apps.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A value on the command line: what is wrong with it is told as it stands in the exception, without a stack trace. */
abstract class OptionConverter<T> implements ITypeConverter<T> {
    /** Throws {@link IllegalArgumentException} with the value and the remedy. */
    abstract T parse(String text);

    @Override
    public T convert(String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
