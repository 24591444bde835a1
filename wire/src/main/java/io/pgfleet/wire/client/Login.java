package io.pgfleet.wire.client;

import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.Protocol.Authentication;
import io.pgfleet.wire.Protocol.Backend;
import io.pgfleet.wire.Protocol.Frontend;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The start of a connection up to AuthenticationOk (PostgreSQL manual, 'Message Flow', 'Start-up').
 * A password leaves this machine only as a SCRAM proof.
 */
final class Login {
  private final ConnectSettings settings;
  private final MessageReader reader;
  private final MessageWriter writer;
  private boolean sawServerProof;
  private boolean beganScram;

  Login(ConnectSettings settings, MessageReader reader, MessageWriter writer) {
    this.settings = settings;
    this.reader = reader;
    this.writer = writer;
  }

  void run() throws IOException, PostgresException {
    sendStartup();
    ScramClient scram = null;
    while (true) {
      byte type = reader.next();
      Body body = reader.body();
      if (type == Backend.ERROR_RESPONSE) {
        throw new PostgresException(body.report());
      }
      if (type == Backend.NOTICE_RESPONSE) {
        continue;
      }
      if (type != Backend.AUTHENTICATION) {
        throw new ProtocolException(
            "the server sent a message " + MessageReader.name(type) + " before the login ended");
      }
      int request = body.int32();
      switch (request) {
        case Authentication.OK -> {
          // A server that skips its proof could be anyone.
          if (beganScram && !sawServerProof) {
            throw new ProtocolException("the server ended the SCRAM login without its proof");
          }
          return;
        }
        case Authentication.SASL -> {
          if (scram != null) {
            throw new ProtocolException("the server began the login twice");
          }
          scram = begin(body);
        }
        case Authentication.SASL_CONTINUE -> respond(scram, body);
        case Authentication.SASL_FINAL -> verify(scram, body);
        default -> throw refused(request);
      }
    }
  }

  private void sendStartup() throws IOException {
    writer.beginUntyped().int32(Protocol.VERSION_3_0);
    writer.text("user").text(settings.user());
    if (!settings.database().isEmpty()) {
      writer.text("database").text(settings.database());
    }
    if (settings.replication()) {
      writer.text("replication").text("true");
    }
    settings.parameters().forEach((name, value) -> writer.text(name).text(value));
    writer.text("client_encoding").text("UTF8");
    writer.int8(0).end().flush();
  }

  private ScramClient begin(Body body) throws IOException, PostgresException {
    List<String> mechanisms = new ArrayList<>();
    for (String name = body.text(); !name.isEmpty(); name = body.text()) {
      mechanisms.add(name);
    }
    if (!mechanisms.contains(ScramClient.MECHANISM)) {
      throw failure(
          SqlState.FEATURE_NOT_SUPPORTED,
          "the server offers the login methods " + mechanisms + ", of which none is known",
          "Set password_encryption = 'scram-sha-256' on the server.");
    }
    ScramClient scram =
        ScramClient.withPassword(
            settings
                .password()
                .orElseThrow(() ->
                    failure(
                        SqlState.INVALID_AUTHORIZATION,
                        "the server asks for a password of user \"" + settings.user() + "\"",
                        "Give the password.")));
    beganScram = true;
    byte[] first = scram.first().getBytes(StandardCharsets.UTF_8);
    writer.begin(Frontend.PASSWORD).text(ScramClient.MECHANISM);
    writer.int32(first.length).bytes(first).end().flush();
    return scram;
  }

  private void respond(@Nullable ScramClient scram, Body body) throws IOException {
    if (scram == null) {
      throw new ProtocolException("the server continued a login that had not begun");
    }
    try {
      String answer = scram.respond(new String(body.rest(), StandardCharsets.UTF_8));
      writer.begin(Frontend.PASSWORD).bytes(answer.getBytes(StandardCharsets.UTF_8));
      writer.end().flush();
    } catch (ScramException e) {
      throw unfit(e);
    }
  }

  private void verify(@Nullable ScramClient scram, Body body) throws IOException {
    if (scram == null) {
      throw new ProtocolException("the server ended a login that had not begun");
    }
    try {
      scram.verify(new String(body.rest(), StandardCharsets.UTF_8));
      sawServerProof = true;
    } catch (ScramException e) {
      throw unfit(e);
    }
  }

  private static ProtocolException unfit(ScramException e) {
    ProtocolException failure = new ProtocolException("the SCRAM login failed: " + e.getMessage());
    failure.initCause(e);
    return failure;
  }

  private static PostgresException refused(int request) {
    String method =
        switch (request) {
          case Authentication.CLEARTEXT_PASSWORD -> "a password in clear text";
          case Authentication.MD5_PASSWORD -> "an md5 password";
          default -> "the login method " + Integer.toUnsignedString(request);
        };
    return failure(
        SqlState.FEATURE_NOT_SUPPORTED,
        "the server asks for " + method + ", which pgfleet does not send",
        "Use scram-sha-256 in the server's pg_hba.conf.");
  }

  private static PostgresException failure(String sqlState, String message, String hint) {
    return new PostgresException(
        ServerReport.of("FATAL", sqlState, message).with(ServerReport.HINT, hint));
  }
}
