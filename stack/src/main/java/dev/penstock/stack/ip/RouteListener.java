package dev.penstock.stack.ip;

/** Is told which routes come and go. Shard thread. */
public interface RouteListener {
    /** The route is new, or is there no longer. */
    void onRoute(Route route, Origin origin, boolean added);
}
