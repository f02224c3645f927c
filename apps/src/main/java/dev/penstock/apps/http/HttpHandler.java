package dev.penstock.apps.http;

import java.io.IOException;

/** Answers requests. Called on the connection's thread, by many at once. */
@FunctionalInterface
public interface HttpHandler {
    /**
     * Answers one request. A handler that returns without having begun a response has sent 404.
     *
     * @throws HttpException to have an error response sent, as long as none was begun
     * @throws IOException when the connection or the resource fails; before the response has begun it becomes a 500,
     *     afterwards the connection is reset so that the client sees that the content is cut short
     */
    void handle(HttpRequest request, HttpResponse response) throws IOException;
}
