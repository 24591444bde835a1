package io.pgfleet.gateway.admin;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What the admin database may ask of a gateway. Methods block; never called on a loop's thread. */
public interface Control {
  /** All there is to see now. */
  View view();

  /**
   * Does something, and returns when it is done.
   *
   * @param wanted false once whoever asked is gone; waiting ends then
   * @return something to tell beside the success
   * @throws AdminRefusal if it can't be done
   */
  Optional<String> act(AdminCommand.Act act, BooleanSupplier wanted)
      throws AdminRefusal, InterruptedException;

  /** Changes a setting of the running gateway. */
  void set(String key, String value) throws AdminRefusal;

  /** Begins or ends the trace of a client. */
  void trace(AdminCommand.TraceClient wish) throws AdminRefusal;
}
