package io.pgfleet.consensus;

import org.apache.zookeeper.jmx.MBeanRegistry;
import org.apache.zookeeper.jmx.ZKMBeanInfo;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
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
  static NIOServerCnxnFactory port() {
    set();
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
    // A log file grows in such steps; the default of 64 MiB is more than a fleet ever writes.
    FileTxnLog.setPreallocSize(4L * 1024 * 1024);
    MBeanRegistry.setInstance(new Silent());
    // An embedded server must not end the program; its own thread ends, and its state tells.
    ServiceUtils.setSystemExitProcedure(code -> {
      throw new ExitRequested(code);
    });
  }
}
