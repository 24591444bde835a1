package io.pgfleet.cli.hosts;

import java.util.List;

/** Where the hosts of a test are. */
interface HostNetwork extends AutoCloseable {
  /** The address of a host. */
  String address(String host);

  /** What begins a command that runs on a host. */
  List<String> enter(String host);

  /** Cuts a host off, as far as the network can. */
  void cut(String host) throws Exception;

  /** Connects it again. */
  void mend(String host) throws Exception;

  @Override
  void close();
}
