package dev.penstock.apps.cli;

import java.util.concurrent.Callable;

/**
 * A verb of the command line that another module brings: a class with picocli's {@code @Command}, public, with a public
 * constructor without arguments, named in {@code META-INF/services/dev.penstock.apps.cli.Verb}. It writes to
 * {@code spec.commandLine().getOut()} and {@code getErr()}, and answers its exit code. An {@link java.io.IOException} becomes
 * one line for the user and exit code 1, picocli's {@code ParameterException} one line and 2.
 */
public interface Verb extends Callable<Integer> {}
