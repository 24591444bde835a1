package io.pgfleet.consensus;

import org.apache.zookeeper.common.PathUtils;

/** The callers' paths, which start at the fleet's tree, on the servers. */
final class Paths {
  private Paths() {}

  /**
   * Where a caller's path stands on the servers.
   *
   * @throws IllegalArgumentException if it is not an absolute path of ZooKeeper's form
   */
  static String on(String top, String path) {
    PathUtils.validatePath(path);
    return path.equals("/") ? top : top + path;
  }

  /** The path right above. */
  static String above(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }
}
