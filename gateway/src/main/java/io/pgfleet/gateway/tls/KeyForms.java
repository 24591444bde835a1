package io.pgfleet.gateway.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Older forms of private keys put into the one that the JDK reads (PKCS#8, RFC 5208): PKCS#1 of RSA
 * (RFC 8017) and SEC1 of elliptic curves (RFC 5915). DER only as far as these need it.
 */
final class KeyForms {
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final int PARAMETERS = 0xA0;
  private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

  /** rsaEncryption, 1.2.840.113549.1.1.1, and its NULL. */
  private static final byte[] RSA = {
    0x06,
    0x09,
    0x2A,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xF7,
    0x0D,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  /** ecPublicKey, 1.2.840.10045.2.1. */
  private static final byte[] EC = {
    0x06, 0x07, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x02, 0x01
  };

  private KeyForms() {}

  static byte[] fromPkcs1(byte[] key) {
    return element(SEQUENCE, join(VERSION_0, element(SEQUENCE, RSA), element(OCTETS, key)));
  }

  /**
   * The curve's name is inside the key.
   *
   * @throws IllegalArgumentException if it is not
   */
  static byte[] fromSec1(byte[] key) {
    byte[] algorithm = element(SEQUENCE, join(EC, curve(key)));
    return element(SEQUENCE, join(VERSION_0, algorithm, element(OCTETS, key)));
  }

  /** The element after version and number, tagged [0]. */
  private static byte[] curve(byte[] key) {
    int[] at = {0};
    enter(key, at, SEQUENCE);
    skip(key, at);
    skip(key, at);
    if (at[0] >= key.length || (key[at[0]] & 0xFF) != PARAMETERS) {
      throw new IllegalArgumentException("it does not name its curve");
    }
    int length = enter(key, at, PARAMETERS);
    return Arrays.copyOfRange(key, at[0], at[0] + length);
  }

  private static void skip(byte[] der, int[] at) {
    if (at[0] >= der.length) {
      throw new IllegalArgumentException("it ends early");
    }
    int length = enter(der, at, der[at[0]] & 0xFF);
    at[0] += length;
  }

  /** Moves to an element's content and gives its length. */
  private static int enter(byte[] der, int[] at, int tag) {
    if (at[0] + 2 > der.length || (der[at[0]] & 0xFF) != tag) {
      throw new IllegalArgumentException("it is not in the form of its name");
    }
    int length = der[at[0] + 1] & 0xFF;
    at[0] += 2;
    if (length > 0x80) {
      int bytes = length & 0x7F;
      if (bytes > 2 || at[0] + bytes > der.length) {
        throw new IllegalArgumentException("it has an impossible length");
      }
      length = 0;
      for (int i = 0; i < bytes; i++) {
        length = length << 8 | (der[at[0]++] & 0xFF);
      }
    }
    if (at[0] + length > der.length) {
      throw new IllegalArgumentException("it ends early");
    }
    return length;
  }

  private static byte[] element(int tag, byte[] content) {
    var out = new ByteArrayOutputStream(content.length + 4);
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
