package io.pgfleet.gateway.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A range of addresses: those that agree with one in all bits of a mask.
 *
 * @param address with the bits outside the mask left as given
 */
public record Network(byte[] address, byte[] mask) {
  private static final int BITS = 8;

  public Network {
    if (address.length != mask.length) {
      throw new IllegalArgumentException("address and mask are of different families");
    }
    address = address.clone();
    mask = mask.clone();
  }

  @Override
  public byte[] address() {
    return address.clone();
  }

  @Override
  public byte[] mask() {
    return mask.clone();
  }

  /**
   * An address and the number of bits that count.
   *
   * @throws IllegalArgumentException if the address has fewer bits
   */
  public static Network of(InetAddress address, int prefix) {
    byte[] bytes = address.getAddress();
    if (prefix < 0 || prefix > bytes.length * BITS) {
      throw new IllegalArgumentException(
          "a prefix of " + prefix + " bits, but such an address has " + bytes.length * BITS);
    }
    byte[] mask = new byte[bytes.length];
    for (int bit = 0; bit < prefix; bit++) {
      mask[bit / BITS] |= (byte) (0x80 >>> bit % BITS);
    }
    return new Network(bytes, mask);
  }

  /**
   * Reads {@code address/prefix}, or an address alone.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static Network parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address =
        numeric(slash < 0 ? text : text.substring(0, slash))
            .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is no network"));
    if (slash < 0) {
      return of(address, address.getAddress().length * BITS);
    }
    String prefix = text.substring(slash + 1);
    if (!prefix.matches("\\d{1,3}")) {
      throw new IllegalArgumentException("\"" + text + "\" has no number of bits after its slash");
    }
    return of(address, Integer.parseInt(prefix));
  }

  /** The address that a text writes in figures; never asks a name server. */
  public static Optional<InetAddress> numeric(String text) {
    try {
      if (text.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
        byte[] bytes = new byte[4];
        String[] parts = text.split("\\.");
        for (int i = 0; i < bytes.length; i++) {
          int part = Integer.parseInt(parts[i]);
          if (part > 255) {
            return Optional.empty();
          }
          bytes[i] = (byte) part;
        }
        return Optional.of(InetAddress.getByAddress(bytes));
      }
      if (text.indexOf(':') >= 0 && text.matches("[0-9A-Fa-f:.]{2,45}(%[0-9A-Za-z]{1,15})?")) {
        int zone = text.indexOf('%');
        return Optional.of(InetAddress.ofLiteral(zone < 0 ? text : text.substring(0, zone)));
      }
    } catch (UnknownHostException | IllegalArgumentException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** Whether an address lies in it; one of the other family does not. */
  public boolean contains(InetAddress candidate) {
    byte[] bytes = candidate.getAddress();
    if (bytes.length != address.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (((bytes[i] ^ address[i]) & mask[i]) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Network that
        && Arrays.equals(address, that.address)
        && Arrays.equals(mask, that.mask);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(address) + Arrays.hashCode(mask);
  }

  @Override
  public String toString() {
    try {
      return InetAddress.getByAddress(address).getHostAddress()
          + " "
          + InetAddress.getByAddress(mask).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + address.length + " bytes", e);
    }
  }
}
