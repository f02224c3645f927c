package dev.penstock.conformance.packetdrill.code;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The values of a code block: {@link BigInteger}, {@link Double}, {@link Boolean}, {@link String}, {@link List}, and
 * {@link #NONE}. Arithmetic is Python 3's: {@code /} answers a fraction, {@code //} and {@code %} round down.
 */
final class Values {
    static final Object NONE = new Object() {
        @Override
        public String toString() {
            return "None";
        }
    };

    /** No integer grows beyond so many bits, no text and no sequence beyond so many elements. */
    private static final int MAX_BITS = 4_096;

    private static final int MAX_ELEMENTS = 100_000;

    private Values() {}

    static boolean isTrue(Object value) {
        if (value instanceof Boolean b) {
            return b;
        } else if (value instanceof BigInteger i) {
            return i.signum() != 0;
        } else if (value instanceof Double d) {
            return d != 0;
        } else if (value instanceof String s) {
            return !s.isEmpty();
        } else if (value instanceof List<?> list) {
            return !list.isEmpty();
        }
        return false;
    }

    /** As Python's {@code str}. */
    static String text(Object value) {
        return value instanceof String s ? s : show(value);
    }

    /** As Python's {@code repr}. */
    static String show(Object value) {
        if (value instanceof String s) {
            return "'" + s.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'";
        } else if (value instanceof Boolean b) {
            return b ? "True" : "False";
        } else if (value instanceof List<?> list) {
            return list.stream()
                    .map(Values::show)
                    .collect(Collectors.joining(", ", "(", list.size() == 1 ? ",)" : ")"));
        }
        return String.valueOf(value);
    }

    static boolean isNumber(Object value) {
        return value instanceof BigInteger || value instanceof Double || value instanceof Boolean;
    }

    static BigInteger integer(Object value, int line) throws Trouble {
        if (value instanceof BigInteger i) {
            return i;
        } else if (value instanceof Boolean b) {
            return b ? BigInteger.ONE : BigInteger.ZERO;
        }
        throw new Trouble(line, show(value) + " is no integer");
    }

    static double fraction(Object value, int line) throws Trouble {
        if (value instanceof Double d) {
            return d;
        }
        return integer(value, line).doubleValue();
    }

    static int index(Object value, int line) throws Trouble {
        BigInteger i = integer(value, line);
        if (i.bitLength() > 31) {
            throw new Trouble(line, i + " is too large an index");
        }
        return i.intValue();
    }

    static boolean areEqual(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            return compareNumbers(a, b) == 0;
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            if (x.size() != y.size()) {
                return false;
            }
            for (int i = 0; i < x.size(); i++) {
                if (!areEqual(x.get(i), y.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }

    static int order(Object a, Object b, int line) throws Trouble {
        if (isNumber(a) && isNumber(b)) {
            return compareNumbers(a, b);
        } else if (a instanceof String x && b instanceof String y) {
            return x.compareTo(y);
        }
        throw new Trouble(line, show(a) + " and " + show(b) + " have no order");
    }

    private static int compareNumbers(Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            return Double.compare(asDouble(a), asDouble(b));
        }
        return asInteger(a).compareTo(asInteger(b));
    }

    private static double asDouble(Object value) {
        double d = value instanceof Double x ? x : asInteger(value).doubleValue();
        // Double.compare tells -0 from 0, which are the same number.
        return d == 0 ? 0 : d;
    }

    private static BigInteger asInteger(Object value) {
        return value instanceof Boolean b ? (b ? BigInteger.ONE : BigInteger.ZERO) : (BigInteger) value;
    }

    static Object operate(String operator, Object a, Object b, int line) throws Trouble {
        if (operator.equals("%") && a instanceof String format) {
            return TextFormat.format(format, b, line);
        }
        if (operator.equals("+") && a instanceof String x && b instanceof String y) {
            return limited(x.length() + y.length(), x + y, line);
        }
        if (!isNumber(a) || !isNumber(b)) {
            throw new Trouble(line, "there is no " + show(a) + " " + operator + " " + show(b));
        }
        return switch (operator) {
            case "/" -> divide(fraction(a, line), fraction(b, line), line);
            case "|", "^", "&", "<<", ">>" -> bits(operator, integer(a, line), integer(b, line), line);
            default ->
                a instanceof Double || b instanceof Double
                        ? fractions(operator, fraction(a, line), fraction(b, line), line)
                        : integers(operator, integer(a, line), integer(b, line), line);
        };
    }

    private static Object limited(int elements, Object value, int line) throws Trouble {
        if (elements > MAX_ELEMENTS) {
            throw new Trouble(line, "a text of more than " + MAX_ELEMENTS + " characters");
        }
        return value;
    }

    private static Double divide(double a, double b, int line) throws Trouble {
        if (b == 0) {
            throw new Trouble(line, "division by zero");
        }
        return a / b;
    }

    private static Object fractions(String operator, double a, double b, int line) throws Trouble {
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "//" -> Math.floor(divide(a, b, line));
            case "%" -> a - b * Math.floor(divide(a, b, line));
            default -> Math.pow(a, b);
        };
    }

    private static Object integers(String operator, BigInteger a, BigInteger b, int line) throws Trouble {
        switch (operator) {
            case "+":
                return sized(a.add(b), line);
            case "-":
                return sized(a.subtract(b), line);
            case "*":
                return sized(a.multiply(b), line);
            case "//", "%":
                if (b.signum() == 0) {
                    throw new Trouble(line, "division by zero");
                }
                BigInteger[] both = a.divideAndRemainder(b);
                boolean down = both[1].signum() != 0 && both[1].signum() != b.signum();
                if (operator.equals("%")) {
                    return down ? both[1].add(b) : both[1];
                }
                return down ? both[0].subtract(BigInteger.ONE) : both[0];
            default:
                return power(a, b, line);
        }
    }

    private static Object power(BigInteger a, BigInteger b, int line) throws Trouble {
        if (b.signum() < 0) {
            return divide(1, Math.pow(a.doubleValue(), -b.doubleValue()), line);
        }
        if (b.bitLength() > 12 || (long) a.bitLength() * b.intValue() > MAX_BITS) {
            throw new Trouble(line, a + " ** " + b + " is too large");
        }
        return a.pow(b.intValue());
    }

    private static Object bits(String operator, BigInteger a, BigInteger b, int line) throws Trouble {
        switch (operator) {
            case "|":
                return a.or(b);
            case "^":
                return a.xor(b);
            case "&":
                return a.and(b);
            default:
                if (b.signum() < 0 || b.bitLength() > 12) {
                    throw new Trouble(line, "a shift by " + b + ", expected 0 to " + MAX_BITS);
                }
                return operator.equals("<<") ? sized(a.shiftLeft(b.intValue()), line) : a.shiftRight(b.intValue());
        }
    }

    private static BigInteger sized(BigInteger value, int line) throws Trouble {
        if (value.bitLength() > MAX_BITS) {
            throw new Trouble(line, "an integer of more than " + MAX_BITS + " bits");
        }
        return value;
    }
}
