package dev.penstock.conformance.requirements;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the repository is: its files are what the matrix is made of. */
final class Repository {
    private Repository() {}

    /**
     * {@code given}, or else the directory above the working directory, or above this program, that has the lists.
     *
     * @throws IOException when there is none; says what to do
     */
    static Path find(Path given) throws IOException {
        if (given != null) {
            if (!isRoot(given)) {
                throw new IOException(given + " has no " + Matrix.DIRECTORY + ": give the directory of the sources");
            }
            return given.toAbsolutePath().normalize();
        }
        Path found = above(Path.of("").toAbsolutePath());
        if (found == null) {
            found = above(ofProgram());
        }
        if (found == null) {
            throw new IOException("there is no " + Matrix.DIRECTORY
                    + " above the working directory or the program: go there, or give --root");
        }
        return found;
    }

    private static Path ofProgram() {
        try {
            return Path.of(Repository.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static Path above(Path start) {
        Path directory = start;
        while (directory != null && !isRoot(directory)) {
            directory = directory.getParent();
        }
        return directory;
    }

    private static boolean isRoot(Path directory) {
        return Files.isDirectory(directory.resolve(Matrix.DIRECTORY));
    }
}
