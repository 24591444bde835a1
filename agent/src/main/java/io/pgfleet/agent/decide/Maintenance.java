package io.pgfleet.agent.decide;

/**
 * What an agent still does while its group is under maintenance: it leads, follows and keeps the
 * lease of a server that runs, and starts, stops and promotes none. The one exception is a server
 * that accepts writes while another node has the right to: that is never left running.
 */
final class Maintenance {
  private Maintenance() {}

  /** The action, if it may be done during a pause, else to wait. */
  static Action only(Action action, NodeView view) {
    return switch (action) {
      case Action.Await _, Action.Expect _, Action.Lead _, Action.Follow _, Action.StopAtOnce _ ->
          action;
      case Action.ResumeLease _ ->
          view.server() instanceof LocalServer.Primary ? action : waiting("be started");
      case Action.StartPrimary _, Action.StartSealed _ -> waiting("be started");
      case Action.Found _, Action.Clone _ -> waiting("be made");
      case Action.Promote _, Action.TakeTerm _, Action.CastVote _, Action.Seal _ ->
          waiting("be elected or follow");
      case Action.Join _, Action.WithdrawVote _ -> waiting("follow");
      case Action.YieldLease _, Action.HandOver _ -> waiting("hand its lease over");
      case Action.Restart _ -> waiting("be restarted");
    };
  }

  private static Action waiting(String forWhat) {
    return new Action.Await("for the end of the pause to " + forWhat);
  }
}
