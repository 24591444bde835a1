package io.pgfleet.spec;

import io.pgfleet.spec.setting.Counted;
import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Kind;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** The sample files, and the declaration spread out as a list. */
final class Samples {
  /** A section with the path under which it stands; {@code NAME} for names of the user's. */
  record Located(String path, Setting<?> setting, Optional<Section> section) {}

  private Samples() {}

  static String text(String resource) {
    try (InputStream in = Samples.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files that the samples name and that must be there. */
  static void makeFiles(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("sub"));
    List<String> names =
        List.of("one.sql", "sub/two.sql", "schema.sql", "gw.crt", "gw.key", "ca.crt", "hba.conf");
    for (String name : names) {
      Files.createFile(folder.resolve(name));
    }
    Files.createFile(folder.resolve("ident.conf"));
    Files.createFile(folder.resolve("secrets.txt"));
  }

  /** The text as maps, lists and scalars, as any YAML 1.2 reader sees it. */
  static @Nullable Object plain(String yaml) {
    return new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
        .loadFromString(yaml);
  }

  /** Every setting, depth first. */
  static List<Located> settings() {
    List<Located> all = new ArrayList<>();
    collect("", FleetKeys.SECTION, all);
    return all;
  }

  private static void collect(String prefix, Section section, List<Located> all) {
    for (Setting<?> setting : section.settings()) {
      String path = prefix + setting.key();
      Optional<Section> inner = inner(setting.kind());
      all.add(new Located(path, setting, inner));
      String below = setting.kind() instanceof Section ? path + "." : path + ".NAME.";
      inner.ifPresent(found -> collect(below, found, all));
    }
  }

  private static Optional<Section> inner(Kind<?> kind) {
    return switch (kind) {
      case Section section -> Optional.of(section);
      case Keyed<?> keyed -> inner(keyed.value());
      case Counted<?> counted -> inner(counted.keyed());
      default -> Optional.empty();
    };
  }
}
