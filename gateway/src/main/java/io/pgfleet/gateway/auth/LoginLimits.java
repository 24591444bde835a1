package io.pgfleet.gateway.auth;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How often an address may fail to log in: a bucket of tokens for each, in bounded memory. Of IPv6
 * addresses the first 64 bits count, as one subscriber has that many to choose from. Safe from any
 * thread.
 */
public final class LoginLimits {
  private static final int MOST_ADDRESSES = 20_000;
  private static final int SUBSCRIBER_BYTES = 8;
  private static final double MINUTE = 60e9;

  private record Key(long high, long low) {}

  private static final class Bucket {
    private double tokens;
    private long at;
  }

  private final LongSupplier ticker;
  private final Map<Key, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Bucket> eldest) {
          return size() > MOST_ADDRESSES;
        }
      };

  /**
   * @param ticker nanoseconds of a clock that only grows
   */
  public LoginLimits(LongSupplier ticker) {
    this.ticker = ticker;
  }

  /** Whether a client of this address may try. */
  public synchronized boolean allows(InetAddress address, AuthSettings settings) {
    if (settings.failures() == 0) {
      return true;
    }
    Bucket bucket = buckets.get(key(address));
    if (bucket == null) {
      return true;
    }
    refill(bucket, settings);
    return bucket.tokens >= 1;
  }

  /** A client of this address has failed. */
  public synchronized void failed(InetAddress address, AuthSettings settings) {
    if (settings.failures() == 0) {
      return;
    }
    Bucket bucket = buckets.computeIfAbsent(key(address), _ -> full(settings));
    refill(bucket, settings);
    bucket.tokens = Math.max(0, bucket.tokens - 1);
  }

  private Bucket full(AuthSettings settings) {
    Bucket bucket = new Bucket();
    bucket.tokens = settings.failures();
    bucket.at = ticker.getAsLong();
    return bucket;
  }

  private void refill(Bucket bucket, AuthSettings settings) {
    long now = ticker.getAsLong();
    double earned = (now - bucket.at) / MINUTE * settings.failuresForgotten();
    bucket.tokens = Math.min(settings.failures(), bucket.tokens + earned);
    bucket.at = now;
  }

  private static Key key(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet6Address) {
      return new Key(-1, number(Arrays.copyOf(bytes, SUBSCRIBER_BYTES)));
    }
    return new Key(0, number(bytes));
  }

  private static long number(byte[] bytes) {
    long number = 0;
    for (byte b : bytes) {
      number = number << 8 | (b & 0xFF);
    }
    return number;
  }
}
