package io.pgfleet.consensus;

import java.io.IOException;
import java.util.Optional;
import org.apache.zookeeper.jmx.MBeanRegistry;
import org.apache.zookeeper.jmx.ZKMBeanInfo;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.NettyServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.auth.X509AuthenticationProvider;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.util.ServiceUtils;

/** What ZooKeeper's server takes from the JVM as a whole only. */
final class ServerProperties {
  /** ZooKeeper wanted to end the JVM. */
  static final class ExitRequested extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExitRequested(int code) {
      super("ZooKeeper asked for an exit with code " + code);
    }
  }

  private static final class Silent extends MBeanRegistry {
    @Override
    public void register(ZKMBeanInfo bean, ZKMBeanInfo parent) {
      // Nothing of the server shall be reached through JMX.
    }

    @Override
    public void unregister(ZKMBeanInfo bean) {
      // Nothing was registered.
    }
  }

  private ServerProperties() {}

  /** The server's port, made without side effects on the JVM. */
  static ServerCnxnFactory port(Optional<TlsFiles> tls) throws IOException {
    set();
    if (tls.isPresent()) {
      tls.get().properties("zookeeper.ssl.").forEach(System::setProperty);
      tls.get().properties("zookeeper.ssl.quorum.").forEach(System::setProperty);
      System.setProperty("zookeeper.authProvider.x509", X509AuthenticationProvider.class.getName());
      TlsFiles.calmNetty();
      // The only one of ZooKeeper's two kinds that knows TLS; it is made by its name only.
      System.setProperty(
          ServerCnxnFactory.ZOOKEEPER_SERVER_CNXN_FACTORY, NettyServerCnxnFactory.class.getName());
      return ServerCnxnFactory.createFactory();
    }
    // Its class, when first used, puts a handler of its own under every thread of the JVM.
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    try {
      return new NIOServerCnxnFactory();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  private static void set() {
    System.setProperty("zookeeper.4lw.commands.whitelist", "ruok,srvr");
    System.setProperty("zookeeper.admin.enableServer", "false");
    // Whoever shows a certificate of the fleet is of the fleet, from whatever address it comes; the
    // name of a server is still checked by those who connect to it.
    System.setProperty("zookeeper.ssl.clientAuth", "need");
    System.setProperty("zookeeper.ssl.quorum.clientAuth", "need");
    System.setProperty("zookeeper.ssl.quorum.clientHostnameVerification", "false");
    // A renewed certificate counts from the next connection on.
    System.setProperty("zookeeper.client.certReload", "true");
    // A listener that has lost its port tries until it has it again; it would end the JVM else.
    System.setProperty("zookeeper.electionPortBindRetry", "0");
    // A silent member must not hold up an election for as long as a lease lives.
    System.setProperty("zookeeper.cnxTimeout", "1500");
    // Votes that get lost with a broken connection are sent again after this at the most; the
    // default doubles the time between two tries up to a minute.
    System.setProperty("zookeeper.fastleader.maxNotificationInterval", "1000");
    // A log file grows in such steps; the default of 64 MiB is more than a fleet ever writes.
    FileTxnLog.setPreallocSize(4L * 1024 * 1024);
    MBeanRegistry.setInstance(new Silent());
    // An embedded server must not end the program; its own thread ends, and its state tells.
    ServiceUtils.setSystemExitProcedure(code -> {
      throw new ExitRequested(code);
    });
  }
}
