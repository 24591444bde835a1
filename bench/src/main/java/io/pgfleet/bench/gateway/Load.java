package io.pgfleet.bench.gateway;

import java.util.List;

/** A kind of pgbench run. */
enum Load {
  SIMPLE("select, simple protocol", "-S -M simple"),
  EXTENDED("select, extended protocol", "-S -M extended"),
  PREPARED("select, prepared", "-S -M prepared"),
  TPC_B("TPC-B like, simple protocol", "-b tpcb-like -M simple");

  private final String title;
  private final String options;

  Load(String title, String options) {
    this.title = title;
    this.options = options;
  }

  String title() {
    return title;
  }

  List<String> options() {
    return List.of(options.split(" "));
  }
}
