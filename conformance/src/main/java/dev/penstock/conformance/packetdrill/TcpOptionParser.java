package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Token.Kind;
import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads TCP options between {@code <} and {@code >}. */
final class TcpOptionParser {
    static final int KIND_AO = 29;
    static final int KIND_ACCECN0 = 172;
    static final int KIND_ACCECN1 = 174;
    static final int KIND_EXPERIMENT_1 = 253;
    static final int KIND_EXPERIMENT_2 = 254;

    /** RFC 9293, section 3.1: the data offset counts 15 words at most, five of them the header. */
    private static final int MAX_BYTES = 40;

    /** RFC 9768, section 3.2.3: the fields of kinds 172 and 174, of which the last may be missing. */
    static final List<String> ACCECN0_ORDER = List.of("e0b", "ceb", "e1b");

    static final List<String> ACCECN1_ORDER = List.of("e1b", "ceb", "e0b");

    private static final int MAX_COUNTER = 0xffffff;

    private final Tokens tokens;

    TcpOptionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /** The list with its brackets; null for {@code <...>}. */
    List<TcpOptionSpec> list(boolean inbound) throws ScriptException, SkipException {
        Token open = tokens.expect('<', "and TCP options");
        if (tokens.at(Kind.ELLIPSIS)) {
            tokens.take();
            tokens.expect('>', "after '<...'");
            if (inbound) {
                throw new ScriptException(
                        open.line(), "<...> means any options: expected those of the packet coming in");
            }
            return null;
        }
        List<TcpOptionSpec> list = new ArrayList<>();
        int bytes = 0;
        while (!tokens.takeIf('>')) {
            if (!list.isEmpty()) {
                tokens.expect(',', "or '>' after a TCP option");
            }
            TcpOptionSpec option = option(inbound);
            list.add(option);
            bytes += length(option);
            if (bytes > MAX_BYTES) {
                throw new ScriptException(
                        open.line(), "the TCP options take more than the " + MAX_BYTES + " bytes that there are");
            }
        }
        return List.copyOf(list);
    }

    private TcpOptionSpec option(boolean inbound) throws ScriptException, SkipException {
        Token t = tokens.expect(Kind.WORD, "a TCP option");
        switch (t.text().toLowerCase(Locale.ROOT)) {
            case "nop":
                return new TcpOptionSpec.Nop();
            case "eol":
                return new TcpOptionSpec.Eol();
            case "mss":
                return new TcpOptionSpec.Mss((int) tokens.number("the MSS", PacketParser.MAX_U16));
            case "wscale":
                return new TcpOptionSpec.WindowScale((int) tokens.number("the window's shift", PacketParser.MAX_U8));
            case "sackok":
                return new TcpOptionSpec.SackPermitted();
            case "sack":
                return sack();
            case "ts":
                return timestamps(inbound);
            case "fo":
                return new TcpOptionSpec.FastOpen(hexadecimal(), false);
            case "foexp":
                return new TcpOptionSpec.FastOpen(hexadecimal(), true);
            case "md5":
                return md5();
            case "ao":
                return new TcpOptionSpec.Other(t.text(), KIND_AO, hexadecimal());
            case "exp":
                return new TcpOptionSpec.Other(t.text(), experiment(), hexadecimal());
            case "gen":
                int kind = (int) tokens.number("the kind of the option", PacketParser.MAX_U8);
                return new TcpOptionSpec.Other(t.text(), kind, hexadecimal());
            case "ecn":
                return accurateEcn(t);
            default:
                throw new SkipException(t.line(), "the TCP option '" + t.text() + "' is not supported");
        }
    }

    private TcpOptionSpec sack() throws ScriptException {
        List<Long> edges = new ArrayList<>();
        do {
            edges.add(tokens.number("the beginning of a SACK block", PacketParser.MAX_U32));
            tokens.expect(':', "within a SACK block");
            edges.add(tokens.number("the end of a SACK block", PacketParser.MAX_U32));
            if (edges.size() > MAX_BYTES) {
                throw new ScriptException(tokens.lastLine(), "more SACK blocks than an option has place for");
            }
        } while (tokens.peek().isInteger());
        return new TcpOptionSpec.Sack(edges);
    }

    private TcpOptionSpec timestamps(boolean inbound) throws ScriptException, SkipException {
        if (!tokens.takeIf("val")) {
            throw tokens.unexpected("val after TS");
        }
        Long value = numberOrAny("the timestamp");
        // The peer's are sent as they are written anyhow.
        if (tokens.at('!') && !inbound) {
            throw new SkipException(tokens.peek().line(), "an absolute timestamp (!) of our own is not supported");
        }
        tokens.takeIf('!');
        if (!tokens.takeIf("ecr")) {
            throw tokens.unexpected("ecr after the timestamp");
        }
        Long echo = numberOrAny("the timestamp's echo");
        return new TcpOptionSpec.Timestamps(value, echo, tokens.takeIf('!'));
    }

    private Long numberOrAny(String what) throws ScriptException {
        if (tokens.at(Kind.ELLIPSIS)) {
            tokens.take();
            return null;
        }
        return tokens.number(what, PacketParser.MAX_U32);
    }

    private TcpOptionSpec md5() throws ScriptException {
        if (tokens.at(Kind.ELLIPSIS)) {
            tokens.take();
            return new TcpOptionSpec.Md5(null);
        }
        String digest = hexadecimal();
        return new TcpOptionSpec.Md5(digest.isEmpty() ? null : digest);
    }

    /** {@code exp 253 f989}, {@code exp f989}: RFC 4727's kinds; 254 when none is written. */
    private int experiment() throws ScriptException {
        Token t = tokens.peek();
        if (t.kind() == Kind.INTEGER && (t.text().equals("253") || t.text().equals("254"))) {
            tokens.take();
            return t.text().equals("253") ? KIND_EXPERIMENT_1 : KIND_EXPERIMENT_2;
        }
        return KIND_EXPERIMENT_2;
    }

    /** {@code ECN e0b 1 ceb 0 e1b 1}: the counters of the AccECN option; the order of the first and last gives its kind. */
    private TcpOptionSpec accurateEcn(Token name) throws ScriptException {
        boolean one = tokens.at("e1b");
        StringBuilder body = new StringBuilder();
        for (String counter : one ? ACCECN1_ORDER : ACCECN0_ORDER) {
            if (!tokens.takeIf(counter)) {
                break;
            }
            body.append(String.format("%06x", tokens.number("a counter of AccECN", MAX_COUNTER)));
        }
        int kind = one ? KIND_ACCECN1 : KIND_ACCECN0;
        return new TcpOptionSpec.Other(name.text(), kind, body.toString());
    }

    /** Bytes as digits, of which there may be none. */
    private String hexadecimal() throws ScriptException {
        StringBuilder digits = new StringBuilder();
        while (tokens.at(Kind.WORD) || tokens.peek().isInteger()) {
            Token t = tokens.take();
            String word = t.kind() == Kind.HEX ? t.text().substring(2) : t.text();
            if (!Lexer.isHexadecimal(word.toLowerCase(Locale.ROOT), 0) || (word.length() & 1) != 0) {
                throw new ScriptException(t.line(), "found " + t.found() + ", expected pairs of hexadecimal digits");
            }
            if (word.length() + digits.length() > 2 * MAX_BYTES) {
                throw new ScriptException(
                        t.line(), "found " + t.found() + ", expected " + MAX_BYTES + " bytes at most");
            }
            digits.append(word.toLowerCase(Locale.ROOT));
        }
        return digits.toString();
    }

    /** Bytes on the wire. */
    static int length(TcpOptionSpec option) {
        if (option instanceof TcpOptionSpec.Nop || option instanceof TcpOptionSpec.Eol) {
            return 1;
        } else if (option instanceof TcpOptionSpec.Mss) {
            return 4;
        } else if (option instanceof TcpOptionSpec.WindowScale) {
            return 3;
        } else if (option instanceof TcpOptionSpec.SackPermitted) {
            return 2;
        } else if (option instanceof TcpOptionSpec.Sack sack) {
            return 2 + 4 * sack.edges().size();
        } else if (option instanceof TcpOptionSpec.Timestamps) {
            return 10;
        } else if (option instanceof TcpOptionSpec.FastOpen fo) {
            return (fo.experimental() ? 4 : 2) + fo.cookie().length() / 2;
        } else if (option instanceof TcpOptionSpec.Md5 md5) {
            return md5.digest() == null ? 18 : 2 + md5.digest().length() / 2;
        }
        return 2 + ((TcpOptionSpec.Other) option).body().length() / 2;
    }
}
