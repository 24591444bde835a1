package io.pgfleet.cli.command;

import io.pgfleet.postgres.install.EmbeddedBinaries;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which versions this program is and brings along. */
public final class Versions implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    Properties build = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream("/pgfleet.properties")) {
      if (in != null) {
        build.load(in);
      }
    }
    return new String[] {
      "pgfleet " + build.getProperty("version", "unknown"),
      "PostgreSQL "
          + (EmbeddedBinaries.areHere()
              ? EmbeddedBinaries.version() + " (embedded)"
              : "not embedded"),
      "ZooKeeper " + build.getProperty("zookeeper", "unknown"),
      "Java " + Runtime.version() + ", " + System.getProperty("java.vendor"),
    };
  }
}
