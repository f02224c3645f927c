package dev.penstock.conformance.packetdrill;

import java.util.ArrayList;
import java.util.List;

/** Cuts a shell's text into commands and their words, as far as scripts need it: quotes, comments, redirections. */
final class ShellWords {
    private final String text;
    private final List<List<Word>> commands = new ArrayList<>();
    private List<Word> command = new ArrayList<>();
    private StringBuilder word;
    private int at;

    /** A word; {@code isRedirection} for {@code >}, {@code 2>&1} and the like. */
    record Word(String text, boolean isRedirection) {}

    private ShellWords(String text) {
        this.text = text;
    }

    /**
     * The commands of {@code text}, those behind {@code ;}, {@code &&}, {@code ||} and line ends too.
     *
     * @throws SkipException for what would have to be executed to be known: pipes, substitutions, loops
     */
    static List<List<Word>> split(String text, int line) throws SkipException {
        ShellWords s = new ShellWords(text);
        while (s.at < s.text.length()) {
            if (!s.step()) {
                throw new SkipException(line, "the command '" + text.strip() + "' is never executed");
            }
        }
        s.endCommand();
        return s.commands;
    }

    private boolean step() {
        char c = text.charAt(at++);
        switch (c) {
            case ' ', '\t' -> endWord();
            case '\n', ';' -> endCommand();
            case '&', '|' -> {
                boolean twice = at < text.length() && text.charAt(at) == c;
                if (c == '|' && !twice) {
                    return false;
                }
                at += twice ? 1 : 0;
                endCommand();
            }
            case '"', '\'' -> quoted(c);
            case '\\' -> escaped();
            case '>', '<' -> redirection(c);
            case '#' -> {
                if (word == null) {
                    int end = text.indexOf('\n', at);
                    at = end < 0 ? text.length() : end;
                } else {
                    add(c);
                }
            }
            case '`', '(', ')' -> {
                return false;
            }
            default -> add(c);
        }
        return true;
    }

    private void escaped() {
        if (at < text.length()) {
            char next = text.charAt(at++);
            if (next != '\n') {
                add(next);
            }
        }
    }

    private void quoted(char quote) {
        if (word == null) {
            word = new StringBuilder();
        }
        while (at < text.length() && text.charAt(at) != quote) {
            word.append(text.charAt(at++));
        }
        at++;
    }

    private void redirection(char c) {
        boolean numbered = word != null && word.toString().matches("\\d");
        if (numbered) {
            word = null;
        }
        endWord();
        StringBuilder sign = new StringBuilder().append(c);
        while (at < text.length() && (text.charAt(at) == c || text.charAt(at) == '&')) {
            sign.append(text.charAt(at++));
            if (sign.charAt(sign.length() - 1) == '&' && at < text.length()) {
                // "2>&1" is complete.
                sign.append(text.charAt(at++));
            }
        }
        command.add(new Word(sign.toString(), true));
    }

    private void add(char c) {
        if (word == null) {
            word = new StringBuilder();
        }
        word.append(c);
    }

    private void endWord() {
        if (word != null) {
            command.add(new Word(word.toString(), false));
            word = null;
        }
    }

    private void endCommand() {
        endWord();
        if (!command.isEmpty()) {
            commands.add(command);
            command = new ArrayList<>();
        }
    }
}
