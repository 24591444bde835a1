package io.pgfleet.gateway.tls;

import io.pgfleet.gateway.poll.Transport;
import io.pgfleet.wire.scram.EndPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * TLS on one connection, without a thread or a buffer of its own: what is read is decrypted from
 * the loop's buffer at once, and only the part of a record that has not come whole is kept. For the
 * loop's thread alone, but for the tasks it hands out.
 */
public final class TlsSession {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** Where records of the handshake go. */
  public interface Sink {
    /** Sends the bytes, or keeps a copy. */
    void send(ByteBuffer records) throws IOException;
  }

  private final SSLEngine engine;
  private final TlsBuffers buffers;
  private final Optional<EndPoint> ownEndPoint;
  private @Nullable ByteBuffer kept;
  private boolean full;
  private boolean established;
  private boolean ended;

  TlsSession(SSLEngine engine, TlsBuffers buffers, Optional<EndPoint> ownEndPoint) {
    this.engine = engine;
    this.buffers = buffers;
    this.ownEndPoint = ownEndPoint;
  }

  /** The protocol agreed on by ALPN; empty if the client named none. */
  public String applicationProtocol() {
    String name = engine.getApplicationProtocol();
    return name == null ? "" : name;
  }

  /** Version and cipher, for people to read. */
  public String description() {
    return engine.getSession().getProtocol() + "/" + engine.getSession().getCipherSuite();
  }

  /** What logins over this session are bound to: the certificate of its server's side. */
  public Optional<EndPoint> endPoint() {
    if (!engine.getUseClientMode()) {
      return ownEndPoint;
    }
    return peer().flatMap(EndPoint::of);
  }

  /** Whom the certificate names that a client has shown; it was verified. */
  public Optional<PeerCertificate> peerCertificate() {
    return peer().flatMap(PeerCertificate::of);
  }

  private Optional<X509Certificate> peer() {
    try {
      Certificate[] chain = engine.getSession().getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate first
          ? Optional.of(first)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /** The handshake is done: bytes of the application may pass. */
  public boolean established() {
    return established;
  }

  /** Bytes that have come before they were known to be TLS. */
  public void feed(ByteBuffer records) {
    keep(records);
  }

  /** Sends the first message of a client's handshake. */
  public void begin(Sink sink) throws IOException {
    engine.beginHandshake();
    shake(sink);
  }

  /** Whether {@link #read} has bytes though the socket has none. */
  public boolean readable() {
    return full;
  }

  /** A piece of the handshake that takes long, to be run anywhere; null if none waits. */
  public @Nullable Runnable task() {
    return engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK
        ? engine.getDelegatedTask()
        : null;
  }

  /**
   * Reads once from the socket and decrypts what has come whole.
   *
   * @param into with room for two records at least, if it is to get any
   * @return how many bytes of the application it got, perhaps 0; -1 at the end of input
   * @throws IOException if the socket broke, or what came is not TLS as agreed
   */
  public int read(Transport socket, ByteBuffer into, Sink sink) throws IOException {
    ByteBuffer in = buffers.in();
    ByteBuffer before = kept;
    if (before != null) {
      in.put(before);
    }
    boolean wasFull = full;
    full = false;
    int count = 0;
    if (!wasFull && !ended) {
      count = socket.read(in);
    }
    in.flip();
    int start = into.position();
    try {
      open(in, into, sink);
    } catch (SSLException e) {
      alert(sink);
      throw e;
    }
    keep(in);
    int produced = into.position() - start;
    return produced == 0 && (count < 0 || ended) ? -1 : produced;
  }

  private void open(ByteBuffer in, ByteBuffer into, Sink sink) throws IOException {
    while (true) {
      shake(sink);
      if (ended || !in.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        return;
      }
      SSLEngineResult result = engine.unwrap(in, into);
      note(result.getHandshakeStatus());
      switch (result.getStatus()) {
        case OK -> {
          // the next record
        }
        case BUFFER_OVERFLOW -> {
          full = true;
          return;
        }
        case BUFFER_UNDERFLOW -> {
          shake(sink);
          return;
        }
        case CLOSED -> {
          ended = true;
          return;
        }
      }
    }
  }

  /** Sends what the handshake has to say. */
  private void shake(Sink sink) throws IOException {
    while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      ByteBuffer out = buffers.out();
      SSLEngineResult result = engine.wrap(NOTHING, out);
      note(result.getHandshakeStatus());
      if (out.position() > 0) {
        sink.send(out.flip());
      } else if (result.getStatus() != SSLEngineResult.Status.OK) {
        ended = true;
        return;
      }
    }
  }

  private void note(HandshakeStatus status) {
    if (status == HandshakeStatus.FINISHED) {
      established = true;
    }
  }

  /** Tells the other end what was wrong, as far as the engine has words for it. */
  private void alert(Sink sink) {
    try {
      shake(sink);
    } catch (IOException e) {
      ended = true;
    }
  }

  /**
   * Encrypts as many of the bytes as the loop's buffer has room for.
   *
   * @return records to be sent or copied before the next call on the loop
   */
  public ByteBuffer seal(ByteBuffer plain) throws IOException {
    ByteBuffer out = buffers.out();
    int largest = engine.getSession().getPacketBufferSize();
    while (plain.hasRemaining() && out.remaining() >= largest) {
      int position = out.position();
      SSLEngineResult result = engine.wrap(plain, out);
      if (result.getStatus() != SSLEngineResult.Status.OK || out.position() == position) {
        throw new SSLException("the TLS session has ended");
      }
    }
    return out.flip();
  }

  /** Says good-bye, if there is anybody to say it to. */
  public void close(Sink sink) {
    if (!established || ended) {
      return;
    }
    ended = true;
    engine.closeOutbound();
    alert(sink);
  }

  private void keep(ByteBuffer records) {
    int size = records.remaining();
    if (size == 0) {
      kept = null;
      return;
    }
    ByteBuffer old = kept;
    ByteBuffer target = old != null && old.capacity() >= size ? old : ByteBuffer.allocate(size);
    kept = target.clear().put(records).flip();
  }
}
