package io.pgfleet.bench.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlaceTest {
  @TempDir private Path folder = Path.of("");

  private Path file(String name, int bytes) throws IOException {
    Path file = folder.resolve(name);
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    return Files.write(file, new byte[bytes]);
  }

  @Test
  void bytesLeaveOutOnlyWhatIsRightBelow() throws IOException {
    file("data/base/1", 100);
    file("data/base/log/2", 20);
    file("data/log/3", 3);
    assertThat(Place.bytes(folder.resolve("data"), Set.of("log")::contains)).isEqualTo(120);
  }

  @Test
  void whatIsDroppedGivesItsRoomAndItsNameFree() throws IOException {
    Place place =
        new Place(
            folder,
            new Installation(Path.of("/nowhere"), 15, "15.1"),
            ServerUser.resolve(Optional.empty()));
    file("one/a/b", 100);
    Files.createSymbolicLink(folder.resolve("one/latest"), Path.of("a"));
    place.drop(folder.resolve("one"));
    place.drop(folder.resolve("one")); // it is not there any more
    assertThat(folder.resolve("one")).doesNotExist();
    assertThat(Place.bytes(folder, _ -> false)).isLessThan(100);
    file("one/a/b", 10);
    place.drop(folder.resolve("one"));
    assertThat(folder.resolve("one")).doesNotExist();
  }
}
