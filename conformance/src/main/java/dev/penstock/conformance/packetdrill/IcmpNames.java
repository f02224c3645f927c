package dev.penstock.conformance.packetdrill;

import java.util.Locale;
import java.util.Map;

/** The names of ICMP's and ICMPv6's types and codes in scripts: those of packetdrill, and those of the RFCs. */
final class IcmpNames {
    static final int V4_UNREACHABLE = 3;
    static final int V4_FRAGMENTATION_NEEDED = 4;
    static final int V4_ECHO_REPLY = 0;
    static final int V4_ECHO_REQUEST = 8;
    static final int V6_PACKET_TOO_BIG = 2;
    static final int V6_ECHO_REQUEST = 128;
    static final int V6_ECHO_REPLY = 129;

    private static final Map<String, Integer> V4_TYPES = Map.ofEntries(
            Map.entry("echo_reply", 0),
            Map.entry("unreachable", 3),
            Map.entry("source_quench", 4),
            Map.entry("redirect", 5),
            Map.entry("echo_request", 8),
            Map.entry("echo", 8),
            Map.entry("router_advertisement", 9),
            Map.entry("router_solicitation", 10),
            Map.entry("time_exceeded", 11),
            Map.entry("parameter_problem", 12),
            Map.entry("timestamp", 13),
            Map.entry("timestamp_request", 13),
            Map.entry("timestamp_reply", 14),
            Map.entry("info_request", 15),
            Map.entry("info_reply", 16),
            Map.entry("address_mask", 17),
            Map.entry("address_mask_request", 17),
            Map.entry("address_mask_reply", 18));

    private static final Map<String, Integer> V6_TYPES = Map.ofEntries(
            Map.entry("unreachable", 1),
            Map.entry("packet_too_big", 2),
            Map.entry("time_exceeded", 3),
            Map.entry("parameter_problem", 4),
            Map.entry("echo_request", 128),
            Map.entry("echo", 128),
            Map.entry("echo_reply", 129));

    private static final Map<String, Integer> V4_UNREACHABLE_CODES = Map.ofEntries(
            Map.entry("net_unreachable", 0),
            Map.entry("host_unreachable", 1),
            Map.entry("protocol_unreachable", 2),
            Map.entry("port_unreachable", 3),
            Map.entry("frag_needed", 4),
            Map.entry("fragmentation_needed", 4),
            Map.entry("source_route_failed", 5),
            Map.entry("net_unknown", 6),
            Map.entry("host_unknown", 7),
            Map.entry("source_host_isolated", 8),
            Map.entry("host_isolated", 8),
            Map.entry("net_prohibited", 9),
            Map.entry("host_prohibited", 10),
            Map.entry("net_unreachable_tos", 11),
            Map.entry("net_unreachable_for_tos", 11),
            Map.entry("host_unreachable_tos", 12),
            Map.entry("host_unreachable_for_tos", 12),
            Map.entry("packet_filtered", 13),
            Map.entry("admin_prohibited", 13),
            Map.entry("communication_prohibited", 13),
            Map.entry("precedence_violation", 14),
            Map.entry("host_precedence_violation", 14),
            Map.entry("precedence_cutoff", 15));

    private static final Map<String, Integer> V6_UNREACHABLE_CODES = Map.ofEntries(
            Map.entry("no_route", 0),
            Map.entry("noroute", 0),
            Map.entry("net_unreachable", 0),
            Map.entry("admin_prohibited", 1),
            Map.entry("not_neighbour", 2),
            Map.entry("not_neighbor", 2),
            Map.entry("beyond_scope", 2),
            Map.entry("address_unreachable", 3),
            Map.entry("host_unreachable", 3),
            Map.entry("port_unreachable", 4),
            Map.entry("policy_fail", 5),
            Map.entry("failed_policy", 5),
            Map.entry("reject_route", 6));

    private static final Map<String, Integer> TIME_CODES = Map.of(
            "ttl_exceeded", 0,
            "exc_ttl", 0,
            "exc_hoplimit", 0,
            "hop_limit", 0,
            "exceed_transit", 0,
            "transit", 0,
            "exc_fragtime", 1,
            "exc_frag_time", 1,
            "fragment_reassembly", 1,
            "reassembly", 1);

    private static final Map<String, Integer> REDIRECT_CODES = Map.of(
            "redirect_net", 0,
            "net", 0,
            "redirect_host", 1,
            "host", 1,
            "redirect_net_tos", 2,
            "redirect_nettos", 2,
            "redirect_host_tos", 3,
            "redirect_hosttos", 3);

    private static final Map<String, Integer> V6_PARAMETER_CODES = Map.of(
            "bad_header", 0,
            "header", 0,
            "hdr_field", 0,
            "unknown_next_header", 1,
            "next_header", 1,
            "unk_nexthdr", 1,
            "unknown_option", 2,
            "option", 2,
            "unk_option", 2);

    private IcmpNames() {}

    /** -1 if there is none of this name. */
    static int type(boolean v6, String name) {
        Integer known = (v6 ? V6_TYPES : V4_TYPES).get(plain(name));
        return known != null ? known : number(name, "type");
    }

    /** The code of this name, 0 for null; -1 if there is none. */
    static int code(boolean v6, int type, String name) {
        if (name == null) {
            return 0;
        }
        Integer known = codes(v6, type).get(plain(name));
        return known != null ? known : number(name, "code");
    }

    private static Map<String, Integer> codes(boolean v6, int type) {
        if (v6) {
            return switch (type) {
                case 1 -> V6_UNREACHABLE_CODES;
                case 3 -> TIME_CODES;
                case 4 -> V6_PARAMETER_CODES;
                default -> Map.of();
            };
        }
        return switch (type) {
            case V4_UNREACHABLE -> V4_UNREACHABLE_CODES;
            case 5 -> REDIRECT_CODES;
            case 11 -> TIME_CODES;
            default -> Map.of();
        };
    }

    /** For messages: the name of a type, the first one in the alphabet if it has several, or its number. */
    static String typeName(boolean v6, int type) {
        return name(v6 ? V6_TYPES : V4_TYPES, type, "type_");
    }

    /** For messages: the name of a code or its number. */
    static String codeName(boolean v6, int type, int code) {
        return name(codes(v6, type), code, "code_");
    }

    private static String name(Map<String, Integer> names, int value, String otherwise) {
        return names.entrySet().stream()
                .filter(e -> e.getValue() == value)
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst()
                .orElse(otherwise + value);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** {@code 3}, {@code type_3}, {@code code 3}. */
    private static int number(String name, String word) {
        String digits = plain(name).replace(word, "").replaceAll("[_\\s=]", "");
        if (!digits.matches("[0-9]{1,3}")) {
            return -1;
        }
        int n = Integer.parseInt(digits);
        return n <= 255 ? n : -1;
    }
}
