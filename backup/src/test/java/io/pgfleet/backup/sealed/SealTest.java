package io.pgfleet.backup.sealed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SealTest {
  private static final String NAME = "shop/main/1/wal/00000001/000000010000000000000001";
  private static final UserKey KEY = UserKey.parse("ab".repeat(UserKey.BYTES), "the test");

  private static byte[] content(int seed) {
    Random random = new Random(seed);
    byte[] content = new byte[random.nextInt(20_000)];
    random.nextBytes(content);
    byte[] text = "a row of a table, ".repeat(50).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(text, 0, content, 0, Math.min(text.length, content.length));
    return content;
  }

  @Test
  void contentComesBackPlainAndEncrypted() {
    Seal plain = new Seal(Optional.empty(), 1);
    Seal secret = new Seal(Optional.of(Keyring.create()), 3);
    for (int seed = 0; seed < 50; seed++) {
      byte[] content = content(seed);
      assertThat(plain.open(NAME, plain.close(NAME, content))).isEqualTo(content);
      assertThat(secret.open(NAME, secret.close(NAME, content))).isEqualTo(content);
    }
  }

  @Test
  void everyFlippedByteIsFoundWithAndWithoutTheKey() {
    for (Seal seal :
        new Seal[] {new Seal(Optional.empty(), 1), new Seal(Optional.of(Keyring.create()), 1)}) {
      byte[] sealed = seal.close(NAME, content(7));
      for (int at = 0; at < sealed.length; at++) {
        int position = at;
        sealed[at] ^= (byte) (1 << at % Byte.SIZE);
        assertThatThrownBy(() -> Seal.requireWhole(NAME, sealed))
            .as("byte %d", position)
            .isInstanceOfSatisfying(
                BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
        sealed[at] ^= (byte) (1 << at % Byte.SIZE);
      }
      Seal.requireWhole(NAME, sealed);
    }
  }

  @Test
  void whatIsCutOffAnywhereIsFound() {
    Seal seal = new Seal(Optional.empty(), 1);
    byte[] sealed = seal.close(NAME, content(3));
    for (int length = 0; length < sealed.length; length += 7) {
      byte[] cut = java.util.Arrays.copyOf(sealed, length);
      assertThatThrownBy(() -> seal.open(NAME, cut)).isInstanceOf(BackupException.class);
    }
  }

  @Test
  void anEncryptedObjectOpensUnderItsOwnNameOnly() {
    Seal seal = new Seal(Optional.of(Keyring.create()), 1);
    byte[] sealed = seal.close(NAME, content(1));
    assertThatThrownBy(() -> seal.open(NAME + "0", sealed))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(NAME + "0");
    assertThatThrownBy(() -> new Seal(Optional.empty(), 1).open(NAME, sealed))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.KEY));
  }

  /** What somebody can do who may write to the store and has no key. */
  private static byte[] forged(byte[] sealed, int at, int value) throws Exception {
    byte[] forged = sealed.clone();
    forged[at] = (byte) value;
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(forged, 0, forged.length - 32);
    digest.digest(forged, forged.length - 32, 32);
    return forged;
  }

  @Test
  void anEncryptedObjectIsReadOnlyInTheWayItWasWritten() throws Exception {
    Seal seal = new Seal(Optional.of(Keyring.create()), 1);
    byte[] content = content(4);
    byte[] sealed = seal.close(NAME, content);
    int kind = 9;
    assertThat(seal.open(NAME, forged(sealed, kind, sealed[kind]))).isEqualTo(content);
    for (int other : new int[] {0, 1, 2, 4, 7, -1}) {
      byte[] forged = forged(sealed, kind, other);
      assertThatThrownBy(() -> seal.open(NAME, forged))
          .as("kind %d", other)
          .isInstanceOfSatisfying(
              BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
    }
    assertThatThrownBy(() -> seal.open(NAME, forged(sealed, kind - 1, 1)))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("version 1 of its form");
  }

  @Test
  void anObjectThatIsNotEncryptedIsRefusedWhereAllAre() {
    byte[] plain = new Seal(Optional.empty(), 1).close(NAME, content(2));
    assertThatThrownBy(() -> new Seal(Optional.of(Keyring.create()), 1).open(NAME, plain))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("it is not encrypted");
  }

  @Test
  void keysAreRenewedAndWrappedAnewAndOldObjectsStayReadable() {
    Keyring first = Keyring.create();
    byte[] old = new Seal(Optional.of(first), 1).close(NAME, content(1));
    Keyring second = first.withNewKey();
    UserKey other = UserKey.parse("cd".repeat(UserKey.BYTES), "another");
    Seal later = new Seal(Optional.of(Keyring.unwrap(second.wrapped(other), other)), 1);
    assertThat(later.open(NAME, old)).isEqualTo(content(1));
    byte[] now = later.close(NAME, content(2));
    assertThatThrownBy(() -> new Seal(Optional.of(first), 1).open(NAME, now))
        .isInstanceOf(BackupException.class);
    assertThatThrownBy(() -> Keyring.unwrap(second.wrapped(other), KEY))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("The key from the test does not open this repository");
  }

  @Test
  void aKeyIsHexadecimalOrBase64OfThirtyTwoBytesAndIsNeverShown() {
    String base64 = java.util.Base64.getEncoder().encodeToString(new byte[UserKey.BYTES]);
    assertThat(UserKey.parse(" " + base64 + "\n", "x").bytes()).hasSize(UserKey.BYTES);
    for (String wrong : new String[] {"", "secret", "ab".repeat(31), "zz".repeat(32)}) {
      assertThatThrownBy(() -> UserKey.parse(wrong, "the file key"))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("the file key")
          .satisfies(e ->
              assertThat(wrong.isEmpty() || !String.valueOf(e.getMessage()).contains(wrong))
                  .isTrue());
    }
    assertThat(KEY.toString()).doesNotContain("abab");
  }
}
