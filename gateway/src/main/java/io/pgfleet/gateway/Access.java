package io.pgfleet.gateway;

import io.pgfleet.gateway.auth.AuthFiles;
import io.pgfleet.gateway.tls.ClientTls;
import io.pgfleet.gateway.tls.ServerTls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the settings of access come to, with all files read. */
record Access(
    AccessSettings settings, AuthFiles auth, Optional<ClientTls> clientTls, ServerTls serverTls) {
  private interface Step<T> {
    T run() throws IOException;
  }

  /**
   * Reads the files.
   *
   * @throws IOException with all that is wrong in them, a line for each
   */
  static Access load(AccessSettings settings) throws IOException {
    List<String> problems = new ArrayList<>();
    Optional<AuthFiles> auth = attempt(problems, () -> AuthFiles.load(settings.auth()));
    Optional<Optional<ClientTls>> clientTls =
        attempt(problems, () -> ClientTls.load(settings.clientTls()));
    Optional<ServerTls> serverTls = attempt(problems, () -> ServerTls.load(settings.serverTls()));
    if (auth.isEmpty() || clientTls.isEmpty() || serverTls.isEmpty()) {
      throw new IOException(String.join("\n", problems));
    }
    return new Access(settings, auth.get(), clientTls.get(), serverTls.get());
  }

  private static <T> Optional<T> attempt(List<String> problems, Step<T> step) {
    try {
      return Optional.of(step.run());
    } catch (IOException e) {
      problems.add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** The files that the settings name. */
  static List<Path> files(AccessSettings settings) {
    return Stream.of(
            settings.auth().hbaFile(),
            settings.auth().identFile(),
            settings.auth().userSecrets(),
            settings.clientTls().certificate(),
            settings.clientTls().key(),
            settings.clientTls().authorities(),
            settings.serverTls().certificate(),
            settings.serverTls().key(),
            settings.serverTls().authorities())
        .flatMap(Optional::stream)
        .toList();
  }
}
