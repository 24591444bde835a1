package io.pgfleet.backup.store;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import tools.jackson.databind.util.ByteBufferBackedInputStream;

/**
 * A bucket of S3, or of a store that speaks its protocol. An object is put by one request, so it is
 * whole or not there; the client itself tries again what failed on the way.
 */
public final class S3Store implements ObjectStore {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofSeconds(60);

  /** Of one try, and of all tries together; a peer that stops reading would hold it up for ever. */
  private static final Duration TRY = Duration.ofMinutes(2);

  private static final Duration CALL = Duration.ofMinutes(5);
  private static final int PRECONDITION_FAILED = 412;
  private static final int PAGE = 1000;
  private static final String BINARY = "application/octet-stream";

  private final S3Client client;
  private final int page;
  private final String bucket;
  private final String prefix;
  private final String place;

  /**
   * Where the objects are.
   *
   * @param endpoint of a store that is not Amazon's
   * @param region as the store names it
   * @param prefix of every object's name, without a slash at its end; may be empty
   * @param login without one the usual places are looked at (environment, profile, machine's role)
   */
  public record Bucket(
      Optional<URI> endpoint, String region, String bucket, String prefix, Optional<Login> login) {
    public Bucket {
      if (!prefix.isEmpty()) {
        ObjectNames.check(prefix);
      }
    }
  }

  /** An access key and its secret. */
  public record Login(String key, String secret) {
    /** Never the secret. */
    @Override
    public String toString() {
      return "Login[key=" + key + "]";
    }
  }

  /** A store; nothing is asked of it yet. */
  public S3Store(Bucket at) {
    this(at, PAGE);
  }

  /**
   * The same.
   *
   * @param page how many objects are asked for at once in a list, 1000 at most
   */
  S3Store(Bucket at, int page) {
    AwsCredentialsProvider credentials =
        at.login()
            .<AwsCredentialsProvider>map(login ->
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(login.key(), login.secret())))
            .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(at.region()))
            .credentialsProvider(credentials)
            // Stores that are not Amazon's do not all know its newer checksums; ours is inside.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(calls -> calls.apiCallTimeout(CALL).apiCallAttemptTimeout(TRY))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT)
                    .socketTimeout(SILENCE));
    at.endpoint().ifPresent(uri -> builder.endpointOverride(uri).forcePathStyle(true));
    this.client = builder.build();
    this.page = page;
    this.bucket = at.bucket();
    this.prefix = at.prefix().isEmpty() ? "" : at.prefix() + "/";
    this.place =
        at.endpoint().map(URI::toString).orElse("s3:/") + "/" + at.bucket() + "/" + at.prefix();
  }

  private String key(String name) {
    return prefix + ObjectNames.check(name);
  }

  @Override
  public void put(String name, byte[] bytes) throws IOException {
    put(name, ByteBuffer.wrap(bytes));
  }

  @Override
  public void put(String name, ByteBuffer bytes) throws IOException {
    String key = key(name);
    try {
      client.putObject(request -> request.bucket(bucket).key(key), body(bytes));
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) throws IOException {
    String key = key(name);
    try {
      client.putObject(
          request -> request.bucket(bucket).key(key).ifNoneMatch("*"),
          body(ByteBuffer.wrap(bytes)));
      return true;
    } catch (S3Exception e) {
      if (e.statusCode() == PRECONDITION_FAILED) {
        return false;
      }
      throw failed(e);
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  /** The SDK's own bodies begin with a copy; this one is read from the beginning for each try. */
  private static RequestBody body(ByteBuffer bytes) {
    return RequestBody.fromContentProvider(
        () -> new ByteBufferBackedInputStream(bytes.duplicate()), bytes.remaining(), BINARY);
  }

  @Override
  public byte[] get(String name) throws IOException {
    return get(name, LARGEST, ByteBuffer::allocate).array();
  }

  @Override
  public ByteBuffer get(String name, ByteBuffer buffer) throws IOException {
    return get(name, buffer.capacity(), size -> buffer.clear().limit(size));
  }

  private ByteBuffer get(String name, int most, IntFunction<ByteBuffer> room) throws IOException {
    String key = key(name);
    try (ResponseInputStream<GetObjectResponse> object =
            client.getObject(request -> request.bucket(bucket).key(key));
        ReadableByteChannel bytes = Channels.newChannel(object)) {
      long size = object.response().contentLength();
      ObjectStore.requireFits(name, size, most);
      ByteBuffer into = room.apply((int) size);
      while (into.hasRemaining()) {
        if (bytes.read(into) < 0) {
          throw new IOException(
              name + " broke off after " + into.position() + " of " + size + " bytes");
        }
      }
      return into.flip();
    } catch (NoSuchKeyException e) {
      throw new NoSuchFileException(name);
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  @Override
  public List<Listed> list(String folder) throws IOException {
    String below = key(folder) + "/";
    List<Listed> found = new ArrayList<>();
    try {
      client
          .listObjectsV2Paginator(request -> request.bucket(bucket).prefix(below).maxKeys(page))
          .contents()
          .stream()
          .filter(object -> ObjectNames.is(object.key().substring(prefix.length())))
          .forEach(object ->
              found.add(new Listed(object.key().substring(prefix.length()), object.size())));
    } catch (SdkException e) {
      throw failed(e);
    }
    found.sort(Comparator.comparing(Listed::name));
    return found;
  }

  @Override
  public void delete(String name) throws IOException {
    String key = key(name);
    try {
      client.deleteObject(request -> request.bucket(bucket).key(key));
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  private static IOException failed(SdkException e) {
    return e instanceof S3Exception refused && refused.awsErrorDetails() != null
        ? new IOException(
            refused.awsErrorDetails().errorCode() + " " + refused.awsErrorDetails().errorMessage(),
            e)
        : new IOException(String.valueOf(e.getMessage()), e);
  }

  @Override
  public String place() {
    return place;
  }

  @Override
  public void close() {
    client.close();
  }
}
