package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an attempt to take a backup has put so far, for one that goes on with it.
 *
 * @param format the version of this form
 * @param id the backup's name
 * @param prior the name of the backup that it is based on; none of a full one
 * @param written when this was written; an attempt that is at work writes it again and again
 * @param key the seed of the contents' hashes; a further attempt has the same
 * @param ended whether the attempt has ended, and will put nothing more
 */
record Journal(
    int format,
    String id,
    Optional<String> prior,
    Instant written,
    String key,
    boolean ended,
    List<Entry> packs) {
  static final int FORMAT = 1;

  private static final Logger log = LoggerFactory.getLogger(Journal.class);

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS).build();

  Journal {
    if (format != FORMAT) {
      throw new IllegalArgumentException("version " + format + " of the journal");
    }
    Objects.requireNonNull(id);
    prior = prior == null ? Optional.empty() : prior;
    Objects.requireNonNull(written);
    Objects.requireNonNull(key);
    packs = List.copyOf(packs);
  }

  /**
   * A pack that is in the repository.
   *
   * @param object where it is, below the backup's folder
   * @param content the hash of its content
   * @param length of its content
   * @param bytes that its object takes in the store
   * @param checksum of its object, in hexadecimal digits
   */
  record Entry(String object, String content, int length, int bytes, String checksum) {
    Entry {
      Objects.requireNonNull(object);
      Objects.requireNonNull(content);
      Objects.requireNonNull(checksum);
    }
  }

  /** Puts that of an attempt. */
  void put(Archive archive, Attempt attempt) {
    archive.put(attempt.journal(), JSON.writeValueAsBytes(this));
  }

  /**
   * Reads one.
   *
   * @return nothing if it is not there, or of no use: the backup can be taken without
   * @throws BackupException if the store can't be reached
   */
  static Optional<Journal> find(Archive archive, String id, String object) {
    try {
      return archive
          .find(object)
          .map(json -> JSON.readValue(json, Journal.class))
          .filter(journal -> journal.id().equals(id));
    } catch (BackupException e) {
      if (e.kind() == Kind.STORE) {
        throw e;
      }
      log.warn("an unfinished backup is not gone on with: {}", e.getMessage());
      return Optional.empty();
    } catch (JacksonException | IllegalArgumentException e) {
      log.warn("an unfinished backup is not gone on with: {}: {}", object, e.getMessage());
      return Optional.empty();
    }
  }
}
