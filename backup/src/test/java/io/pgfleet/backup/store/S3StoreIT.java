package io.pgfleet.backup.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.store.S3Store.Bucket;
import io.pgfleet.backup.store.S3Store.Login;
import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A store against a server that speaks S3, with signed requests. */
class S3StoreIT {
  private static final Login LOGIN = new Login("access", "very-secret");

  private static S3Proxy server;
  private static BlobStore blobs;

  @BeforeAll
  static void start() throws Exception {
    blobs = BlobStores.create("transient-nio2", new Properties());
    blobs.createContainer("backups");
    server =
        S3Proxy.builder()
            .blobStore(blobs)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, LOGIN.key(), LOGIN.secret())
            .build();
    server.start();
    while (!server.getState().equals("STARTED")) {
      Thread.sleep(10);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
    blobs.close();
  }

  private static Bucket bucket(String bucket, String prefix, Login login) {
    return new Bucket(
        Optional.of(URI.create("http://127.0.0.1:" + server.getPort())),
        "us-east-1",
        bucket,
        prefix,
        Optional.of(login));
  }

  private static S3Store store(String bucket, String prefix, Login login) {
    return new S3Store(bucket(bucket, prefix, login));
  }

  @Test
  void objectsArePutListedReplacedAndDeleted() throws Exception {
    try (S3Store store = store("backups", "one", LOGIN)) {
      assertThat(store.list("a")).isEmpty();
      store.put("a/b/2", new byte[] {2});
      store.put("a/1", new byte[] {1});
      store.put("a/b/2", new byte[] {2, 2});
      store.put("ab", new byte[0]);
      assertThat(store.list("a")).containsExactly(new Listed("a/1", 1), new Listed("a/b/2", 2));
      assertThat(store.get("a/b/2")).containsExactly(2, 2);
      assertThat(store.get("ab")).isEmpty();
      store.delete("a/b/2");
      store.delete("a/b/2");
      assertThatThrownBy(() -> store.get("a/b/2")).isInstanceOf(NoSuchFileException.class);
      assertThat(store.list("a")).containsExactly(new Listed("a/1", 1));
    }
  }

  @Test
  void aListLongerThanAPageIsWhole() throws Exception {
    try (S3Store store = new S3Store(bucket("backups", "", LOGIN), 7)) {
      for (int i = 0; i < 30; i++) {
        store.put("many/%04d".formatted(i), new byte[] {1});
      }
      assertThat(store.list("many"))
          .hasSize(30)
          .isSortedAccordingTo(java.util.Comparator.comparing(Listed::name));
    }
  }

  @Test
  void ofSeveralWhoPutOneObjectOneDoes() throws Exception {
    try (S3Store store = store("backups", "three", LOGIN)) {
      assertThat(store.putIfAbsent("keys", new byte[] {1})).isTrue();
      assertThat(store.putIfAbsent("keys", new byte[] {2})).isFalse();
      assertThat(store.get("keys")).containsExactly(1);
    }
  }

  @Test
  void sixteenMegabytesComeBackAsTheyWere() throws Exception {
    byte[] bytes = new byte[16 * 1024 * 1024];
    new Random(4).nextBytes(bytes);
    try (S3Store store = store("backups", "two", LOGIN)) {
      store.put("pack", bytes);
      assertThat(store.get("pack")).isEqualTo(bytes);
    }
  }

  @Test
  void whatTheStoreRefusesIsToldInItsWordsAndWithoutTheSecret() {
    Login wrong = new Login("access", "another-secret");
    try (S3Store store = store("backups", "one", wrong)) {
      assertThatThrownBy(() -> store.put("a", new byte[0]))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("SignatureDoesNotMatch")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain(wrong.secret()));
      assertThat(wrong.toString()).doesNotContain(wrong.secret());
    }
    try (S3Store store = store("nobodys", "one", LOGIN)) {
      assertThatThrownBy(() -> store.put("a", new byte[0]))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("NoSuchBucket");
      assertThatThrownBy(
              () -> Archive.open(store, new Archive.Owner("shop", "main", 7), Optional.empty()))
          .isInstanceOfSatisfying(
              BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.STORE));
    }
  }

  @Test
  void aStoreThatIsNotThereIsTold() {
    try (S3Store store =
        new S3Store(
            new Bucket(
                Optional.of(URI.create("http://127.0.0.1:1")),
                "us-east-1",
                "backups",
                "",
                Optional.of(LOGIN)))) {
      assertThatThrownBy(() -> store.list("a")).isInstanceOf(IOException.class);
    }
  }
}
