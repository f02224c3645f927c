package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.stack.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.agrona.DirectBuffer;

/** TCP options between the bytes of a header and the tree of a script. Sequence numbers and times as they stand. */
final class TcpOptionBytes {
    static final int EOL = 0;
    static final int NOP = 1;
    static final int MSS = 2;
    static final int WINDOW_SCALE = 3;
    static final int SACK_PERMITTED = 4;
    static final int SACK = 5;
    static final int TIMESTAMPS = 8;
    static final int MD5 = 19;
    static final int FAST_OPEN = 34;
    static final int EXPERIMENT = 254;
    /** Of TCP Fast Open, before it had a kind of its own (RFC 6994's registry). */
    static final int FAST_OPEN_MAGIC = 0xf989;

    /** An option that cannot be what its length says. */
    static final String BROKEN = "broken";

    private TcpOptionBytes() {}

    static List<TcpOptionSpec> decode(DirectBuffer b, int from, int to) {
        List<TcpOptionSpec> options = new ArrayList<>();
        int at = from;
        while (at < to) {
            int kind = Wire.u8(b, at);
            if (kind == EOL) {
                options.add(new TcpOptionSpec.Eol());
                at++;
            } else if (kind == NOP) {
                options.add(new TcpOptionSpec.Nop());
                at++;
            } else {
                int length = at + 1 < to ? Wire.u8(b, at + 1) : 0;
                if (length < 2 || at + length > to) {
                    options.add(new TcpOptionSpec.Other(BROKEN, kind, hex(b, at + 1, to)));
                    return options;
                }
                options.add(option(kind, b, at + 2, at + length));
                at += length;
            }
        }
        return options;
    }

    private static TcpOptionSpec option(int kind, DirectBuffer b, int from, int to) {
        int length = to - from;
        if (kind == MSS && length == 2) {
            return new TcpOptionSpec.Mss(Wire.u16(b, from));
        }
        if (kind == WINDOW_SCALE && length == 1) {
            return new TcpOptionSpec.WindowScale(Wire.u8(b, from));
        }
        if (kind == SACK_PERMITTED && length == 0) {
            return new TcpOptionSpec.SackPermitted();
        }
        if (kind == SACK && length % 8 == 0) {
            List<Long> edges = new ArrayList<>();
            for (int i = from; i < to; i += 4) {
                edges.add(Wire.u32(b, i));
            }
            return new TcpOptionSpec.Sack(edges);
        }
        if (kind == TIMESTAMPS && length == 8) {
            return new TcpOptionSpec.Timestamps(Wire.u32(b, from), Wire.u32(b, from + 4), false);
        }
        if (kind == FAST_OPEN) {
            return new TcpOptionSpec.FastOpen(hex(b, from, to), false);
        }
        if (kind == EXPERIMENT && length >= 2 && Wire.u16(b, from) == FAST_OPEN_MAGIC) {
            return new TcpOptionSpec.FastOpen(hex(b, from + 2, to), true);
        }
        if (kind == MD5) {
            return new TcpOptionSpec.Md5(hex(b, from, to));
        }
        return new TcpOptionSpec.Other("kind " + kind, kind, hex(b, from, to));
    }

    private static String hex(DirectBuffer b, int from, int to) {
        byte[] bytes = new byte[Math.max(0, to - from)];
        b.getBytes(from, bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** As bytes, filled up with EOL to whole words. */
    static byte[] encode(List<TcpOptionSpec> options) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (TcpOptionSpec option : options) {
            encode(option, out);
        }
        while (out.size() % 4 != 0) {
            out.write(EOL);
        }
        return out.toByteArray();
    }

    /** Bytes of one option, without what fills up the header. */
    static int length(TcpOptionSpec option) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        encode(option, out);
        return out.size();
    }

    private static void encode(TcpOptionSpec option, ByteArrayOutputStream out) {
        if (option instanceof TcpOptionSpec.Eol) {
            out.write(EOL);
        } else if (option instanceof TcpOptionSpec.Nop) {
            out.write(NOP);
        } else if (option instanceof TcpOptionSpec.Mss mss) {
            head(out, MSS, 2);
            put(out, mss.value(), 2);
        } else if (option instanceof TcpOptionSpec.WindowScale scale) {
            head(out, WINDOW_SCALE, 1);
            put(out, scale.shift(), 1);
        } else if (option instanceof TcpOptionSpec.SackPermitted) {
            head(out, SACK_PERMITTED, 0);
        } else if (option instanceof TcpOptionSpec.Sack sack) {
            head(out, SACK, 4 * sack.edges().size());
            for (long edge : sack.edges()) {
                put(out, edge, 4);
            }
        } else if (option instanceof TcpOptionSpec.Timestamps ts) {
            head(out, TIMESTAMPS, 8);
            put(out, ts.value() == null ? 0 : ts.value(), 4);
            put(out, ts.echo() == null ? 0 : ts.echo(), 4);
        } else if (option instanceof TcpOptionSpec.FastOpen open) {
            byte[] cookie = HexFormat.of().parseHex(open.cookie());
            head(out, open.experimental() ? EXPERIMENT : FAST_OPEN, cookie.length + (open.experimental() ? 2 : 0));
            if (open.experimental()) {
                put(out, FAST_OPEN_MAGIC, 2);
            }
            out.writeBytes(cookie);
        } else if (option instanceof TcpOptionSpec.Md5 md5) {
            byte[] digest = md5.digest() == null ? new byte[16] : HexFormat.of().parseHex(md5.digest());
            head(out, MD5, digest.length);
            out.writeBytes(digest);
        } else if (option instanceof TcpOptionSpec.Other other) {
            byte[] body = other.body() == null ? new byte[0] : HexFormat.of().parseHex(other.body());
            head(out, other.kind(), body.length);
            out.writeBytes(body);
        }
    }

    private static void head(ByteArrayOutputStream out, int kind, int body) {
        out.write(kind);
        out.write(body + 2);
    }

    private static void put(ByteArrayOutputStream out, long value, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            out.write((int) (value >>> 8 * i));
        }
    }
}
