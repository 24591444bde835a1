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
    int end = cipher.encrypt(BOUND, buffer, at, plain.length);
    return Arrays.copyOfRange(buffer, at, end);
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
      assertThat(cipher.decrypt(BOUND, ByteBuffer.wrap(tink.encrypt(plain, BOUND))))
          .isEqualTo(plain);
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
    assertThat(cipher.decrypt(BOUND, ByteBuffer.wrap(secret))).hasSize(50);
    for (int at = 0; at < secret.length; at++) {
      byte[] other = secret.clone();
      other[at] ^= 4;
      assertThatThrownBy(() -> cipher.decrypt(BOUND, ByteBuffer.wrap(other)))
          .as("byte %d", at)
          .isInstanceOf(GeneralSecurityException.class);
    }
    assertThatThrownBy(() -> new ObjectCipher(keys()).decrypt(BOUND, ByteBuffer.wrap(secret)))
        .isInstanceOf(GeneralSecurityException.class);
    for (int length = 0; length < secret.length; length++) {
      byte[] shorter = Arrays.copyOf(secret, length);
      assertThatThrownBy(() -> cipher.decrypt(BOUND, ByteBuffer.wrap(shorter)))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }
}
