package io.pgfleet.backup.sealed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Held against Tink's own cipher with the same keys. */
class ObjectCipherTest {
  private static final byte[] BOUND = "name".getBytes(java.nio.charset.StandardCharsets.UTF_8);

  @BeforeAll
  static void register() throws Exception {
    AeadConfig.register();
  }

  private static KeysetHandle keys() throws GeneralSecurityException {
    return KeysetHandle.newBuilder(
            KeysetHandle.generateNew(
                PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get()))
        .addEntry(
            KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                .withRandomId()
                .makePrimary())
        .build();
  }

  private static byte[] secret(ObjectCipher cipher, byte[] plain, int at) {
    byte[] buffer = new byte[at + ObjectCipher.BEFORE + plain.length + ObjectCipher.AFTER + 7];
    System.arraycopy(plain, 0, buffer, at + ObjectCipher.BEFORE, plain.length);
    int end = cipher.encrypt(BOUND, ByteBuffer.wrap(buffer), at, plain.length);
    return Arrays.copyOfRange(buffer, at, end);
  }

  private static byte[] decrypted(ObjectCipher cipher, byte[] secret)
      throws GeneralSecurityException {
    return exact(
        cipher.decrypt(BOUND, ByteBuffer.wrap(secret), ByteBuffer.allocate(secret.length)));
  }

  private static byte[] exact(ByteBuffer bytes) {
    byte[] exact = new byte[bytes.remaining()];
    bytes.get(exact);
    return exact;
  }

  @Test
  void tinkReadsWhatItWritesAndTheOtherWayRound() throws Exception {
    Random random = new Random(1);
    KeysetHandle keys = keys();
    Aead tink = keys.getPrimitive(RegistryConfiguration.get(), Aead.class);
    ObjectCipher cipher = new ObjectCipher(keys);
    for (int length : new int[] {0, 1, 15, 16, 17, 1000, 3_000_000}) {
      byte[] plain = new byte[length];
      random.nextBytes(plain);
      assertThat(tink.decrypt(secret(cipher, plain, random.nextInt(20)), BOUND)).isEqualTo(plain);
      byte[] theirs = tink.encrypt(plain, BOUND);
      assertThat(decrypted(cipher, theirs)).isEqualTo(plain);
      ByteBuffer place =
          ByteBuffer.allocateDirect(9 + theirs.length).put(new byte[9]).put(theirs).position(9);
      assertThat(exact(cipher.decrypt(BOUND, place, place.duplicate()))).isEqualTo(plain);
    }
  }

  @Test
  void whatLiesOutsideOfTheHeapIsEncryptedInItsPlace() throws Exception {
    Random random = new Random(2);
    KeysetHandle keys = keys();
    Aead tink = keys.getPrimitive(RegistryConfiguration.get(), Aead.class);
    ObjectCipher cipher = new ObjectCipher(keys);
    for (int length : new int[] {0, 1, 15, 16, 17, 1000, 3_000_000}) {
      byte[] plain = new byte[length];
      random.nextBytes(plain);
      int at = random.nextInt(20);
      ByteBuffer buffer =
          ByteBuffer.allocateDirect(at + ObjectCipher.BEFORE + length + ObjectCipher.AFTER)
              .put(at + ObjectCipher.BEFORE, plain);
      int end = cipher.encrypt(BOUND, buffer, at, length);
      assertThat(tink.decrypt(exact(buffer.slice(at, end - at)), BOUND)).isEqualTo(plain);
    }
  }

  @Test
  void noTwoSecretsAreAlike() throws Exception {
    ObjectCipher cipher = new ObjectCipher(keys());
    assertThat(secret(cipher, new byte[100], 0)).isNotEqualTo(secret(cipher, new byte[100], 0));
  }

  @Test
  void whatIsNotItsOwnIsRefused() throws Exception {
    ObjectCipher cipher = new ObjectCipher(keys());
    byte[] secret = secret(cipher, new byte[50], 0);
    assertThat(decrypted(cipher, secret)).hasSize(50);
    for (int at = 0; at < secret.length; at++) {
      byte[] other = secret.clone();
      other[at] ^= 4;
      assertThatThrownBy(() -> decrypted(cipher, other))
          .as("byte %d", at)
          .isInstanceOf(GeneralSecurityException.class);
    }
    assertThatThrownBy(() -> decrypted(new ObjectCipher(keys()), secret))
        .isInstanceOf(GeneralSecurityException.class);
    for (int length = 0; length < secret.length; length++) {
      byte[] shorter = Arrays.copyOf(secret, length);
      assertThatThrownBy(() -> decrypted(cipher, shorter))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }
}
