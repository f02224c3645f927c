package dev.penstock.apps.iperf;

/** What the two ends tell each other on the control connection, one signed byte each. */
enum IperfState {
    TEST_START(1),
    TEST_RUNNING(2),
    TEST_END(4),
    PARAM_EXCHANGE(9),
    CREATE_STREAMS(10),
    SERVER_TERMINATE(11),
    CLIENT_TERMINATE(12),
    EXCHANGE_RESULTS(13),
    DISPLAY_RESULTS(14),
    IPERF_START(15),
    IPERF_DONE(16),
    ACCESS_DENIED(-1),
    SERVER_ERROR(-2);

    private final byte code;

    IperfState(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    /** The state of that code, or null. */
    static IperfState of(byte code) {
        for (IperfState state : values()) {
            if (state.code == code) {
                return state;
            }
        }
        return null;
    }
}
