package io.pgfleet.gateway.route;

import java.util.Set;

/**
 * What the gateway knows of PostgreSQL's own functions beyond what their catalog says (PostgreSQL
 * manual, 'Function Volatility Categories'). VOLATILE ones that change nothing may run on a
 * standby. Some that are STABLE tell of the server they run on, and so belong to the primary.
 */
final class FunctionRules {
  /** VOLATILE, or not in the catalog by that name, and yet without any effect. */
  private static final Set<String> HARMLESS =
      Set.of(
          "bernoulli",
          "clock_timestamp",
          "gen_random_bytes",
          "gen_random_uuid",
          "gen_salt",
          "pg_sleep",
          "pg_sleep_for",
          "pg_sleep_until",
          "random",
          "random_normal",
          "system",
          "timeofday",
          "uuid_generate_v1",
          "uuid_generate_v1mc",
          "uuid_generate_v4",
          "uuidv4",
          "uuidv7");

  /** Not VOLATILE, and yet about this server or this session. */
  private static final Set<String> OF_THE_SERVER =
      Set.of(
          "current_setting",
          "inet_client_addr",
          "inet_client_port",
          "inet_server_addr",
          "inet_server_port",
          "txid_current",
          "txid_current_if_assigned",
          "txid_current_snapshot",
          "txid_snapshot_xip",
          "txid_status",
          "txid_visible_in_snapshot");

  /** Of those that begin with pg_, the ones that tell the same everywhere. */
  private static final Set<String> SAME_EVERYWHERE =
      Set.of(
          "pg_char_to_encoding",
          "pg_client_encoding",
          "pg_collation_for",
          "pg_collation_is_visible",
          "pg_column_compression",
          "pg_column_size",
          "pg_describe_object",
          "pg_encoding_to_char",
          "pg_function_is_visible",
          "pg_get_constraintdef",
          "pg_get_expr",
          "pg_get_function_arguments",
          "pg_get_function_identity_arguments",
          "pg_get_function_result",
          "pg_get_functiondef",
          "pg_get_indexdef",
          "pg_get_partkeydef",
          "pg_get_ruledef",
          "pg_get_serial_sequence",
          "pg_get_statisticsobjdef",
          "pg_get_triggerdef",
          "pg_get_userbyid",
          "pg_get_viewdef",
          "pg_has_role",
          "pg_identify_object",
          "pg_input_is_valid",
          "pg_size_bytes",
          "pg_size_pretty",
          "pg_table_is_visible",
          "pg_type_is_visible",
          "pg_typeof");

  private FunctionRules() {}

  /**
   * Whether a function of PostgreSQL's own only reads, and reads the same on a standby.
   *
   * @param isVolatile whether any function of that name is VOLATILE
   */
  static boolean reads(String name, boolean isVolatile) {
    if (HARMLESS.contains(name)) {
      return true;
    }
    return !isVolatile
        && !OF_THE_SERVER.contains(name)
        && (!name.startsWith("pg_") || SAME_EVERYWHERE.contains(name));
  }

  /** Whether a function of a user or an extension only reads. */
  static boolean readsElsewhere(String name, boolean isVolatile) {
    return !isVolatile || HARMLESS.contains(name);
  }
}
