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
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
  private static final Logger log = LoggerFactory.getLogger(Backups.class);
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
    return name.matches() ? time(name.group(1)) : Optional.empty();
  }

  /** Whether a name is that of an incremental backup. */
  static boolean isIncremental(String id) {
    Matcher name = NAME.matcher(id);
    return name.matches() && name.group(2).equals("incr");
  }

  /** When the last attempt to take a backup was begun, by the names of what is there of it. */
  public static Optional<Instant> lastBegan(String id, List<Listed> objects) {
    return Stream.concat(
            began(id).stream(),
            objects.stream().flatMap(object -> Attempt.began(id, object.name()).stream()))
        .max(Comparator.naturalOrder());
  }

  /** A time as names have it. */
  static String time(Instant time) {
    return TIME.format(time);
  }

  /** A time that a name has; none if it is no time. */
  static Optional<Instant> time(String text) {
    try {
      return Optional.of(TIME.parse(text, Instant::from));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** The name of a backup that begins now, and of no other that does. */
  static String name(Instant began, boolean incremental) {
    return time(began)
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
   * Makes a backup one that is whole, which no other attempt can know of.
   *
   * @throws BackupException if somebody has deleted of it meanwhile
   */
  void complete(Manifest manifest) {
    complete(manifest, true);
  }

  /**
   * Makes a backup one that is whole, and deletes what its attempts have put and it does not need.
   *
   * @param alone whether no other attempt can know of it; else the first that comes here wins
   * @throws BackupException if somebody has deleted of it meanwhile, or has made it whole
   */
  void complete(Manifest manifest, boolean alone) {
    Set<String> there = objects(manifest.id());
    List<String> needed = manifest.packObjects();
    for (String object : needed) {
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
    String object = Manifest.object(manifest.id());
    byte[] json = JSON.writeValueAsBytes(manifest);
    if (alone) {
      archive.put(object, json);
      return;
    }
    // An earlier try that seemed to fail may have put it.
    if (!archive.putIfAbsent(object, json) && !find(manifest.id()).equals(Optional.of(manifest))) {
      throw new BackupException(
          Kind.MISSING,
          "Backup " + manifest.id() + " was made whole by another program meanwhile.",
          "Nothing is lost: 'pgfleet backup list' shows it.");
    }
    Set<String> kept = new HashSet<>(needed);
    kept.add(object);
    there.stream().filter(name -> !kept.contains(name)).forEach(this::deleteRest);
  }

  /** The backup is whole with it, too. */
  private void deleteRest(String object) {
    try {
      archive.delete(object);
    } catch (BackupException e) {
      log.warn("{} {}", e.getMessage(), e.hint());
    }
  }

  /** Deletes a backup: first what makes it whole, so that half of one is never taken for one. */
  public void delete(String id) {
    archive.delete(Manifest.object(id));
    archive.list(FOLDER + "/" + id).forEach(listed -> archive.delete(listed.name()));
  }
}
