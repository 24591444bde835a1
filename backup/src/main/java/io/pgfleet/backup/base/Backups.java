package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.wire.Lsn;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** The base backups of an archive. */
public final class Backups {
  private static final String FOLDER = "backups";
  private static final String MANIFEST = "/manifest";
  private static final Pattern NAME =
      Pattern.compile("([0-9]{8}T[0-9]{6}Z)-(full|incr)-[0-9a-f]{4}");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Two that begin in the same second must not share a name. */
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Lsn.class, new LsnAsText())
                  .addDeserializer(Lsn.class, new LsnFromText()))
          .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  private static final class LsnAsText extends ValueSerializer<Lsn> {
    @Override
    public void serialize(Lsn value, JsonGenerator json, SerializationContext context) {
      json.writeString(value.toString());
    }
  }

  private static final class LsnFromText extends ValueDeserializer<Lsn> {
    @Override
    public Lsn deserialize(JsonParser json, DeserializationContext context) {
      return Lsn.parse(json.getString());
    }
  }

  private final Archive archive;

  /** Those of this archive. */
  public Backups(Archive archive) {
    this.archive = archive;
  }

  /** When a backup of this name was begun; none if that is no backup's name. */
  public static Optional<Instant> began(String id) {
    Matcher name = NAME.matcher(id);
    try {
      return name.matches()
          ? Optional.of(TIME.parse(name.group(1), Instant::from))
          : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** The name of a backup that begins now, and of no other that does. */
  static String name(Instant began, boolean incremental) {
    return TIME.format(began)
        + (incremental ? "-incr-" : "-full-")
        + HexFormat.of().toHexDigits((short) RANDOM.nextInt());
  }

  /** Whether there is a backup of this name, so far as a list tells. */
  public boolean isWhole(String id) {
    return objects(id).contains(Manifest.object(id));
  }

  /** The names of the objects of a backup. */
  public Set<String> objects(String id) {
    return archive.list(FOLDER + "/" + id).stream().map(Listed::name).collect(Collectors.toSet());
  }

  /** The names of the whole ones, oldest first, those of one second in any order. */
  public List<String> ids() {
    return archive.list(FOLDER).stream()
        .map(listed -> listed.name().substring(FOLDER.length() + 1))
        .filter(name -> name.endsWith(MANIFEST))
        .map(name -> name.substring(0, name.length() - MANIFEST.length()))
        .sorted()
        .toList();
  }

  /** A backup's manifest; none if there is no such backup, or it is not whole. */
  public Optional<Manifest> find(String id) {
    return archive.find(Manifest.object(id)).map(json -> read(id, json));
  }

  private Manifest read(String id, byte[] json) {
    try {
      return JSON.readValue(json, Manifest.class);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new BackupException(
          Kind.DAMAGED,
          "The manifest of backup "
              + id
              + " in "
              + archive.place()
              + " can't be read: "
              + e.getMessage(),
          "Use the program that wrote it, or a newer one.",
          e);
    }
  }

  /** Every whole backup, oldest first. */
  public List<Manifest> all() {
    return ids().stream().flatMap(id -> find(id).stream()).sorted(Manifest.OLDEST_FIRST).toList();
  }

  /**
   * Makes a backup one that is whole.
   *
   * @throws BackupException if somebody has deleted of it meanwhile
   */
  void complete(Manifest manifest) {
    Set<String> there = objects(manifest.id());
    for (int pack = 0; pack < manifest.packs().size(); pack++) {
      String object = Manifest.pack(manifest.id(), pack);
      if (!there.contains(object)) {
        throw new BackupException(
            Kind.MISSING,
            "The object " + object + " was deleted from " + archive.place() + " meanwhile.",
            "See who deletes there; what looks like the rest of a backup that was killed is deleted"
                + " after a day.");
      }
    }
    if (manifest.prior().filter(prior -> !isWhole(prior)).isPresent()) {
      throw new BackupException(
          Kind.MISSING,
          "Backup "
              + manifest.prior().get()
              + ", which this one is based on, was deleted from "
              + archive.place()
              + " meanwhile.",
          "Take another; see who deletes there.");
    }
    archive.put(Manifest.object(manifest.id()), JSON.writeValueAsBytes(manifest));
  }

  /** Deletes a backup: first what makes it whole, so that half of one is never taken for one. */
  public void delete(String id) {
    archive.delete(Manifest.object(id));
    archive.list(FOLDER + "/" + id).forEach(listed -> archive.delete(listed.name()));
  }
}
