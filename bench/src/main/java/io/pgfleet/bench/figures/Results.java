package io.pgfleet.bench.figures;

import io.pgfleet.bench.BenchException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** All runs that were kept; of each load the latest. */
public record Results(List<Run> runs) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  public Results {
    runs = List.copyOf(runs);
  }

  /** What the file holds: the same, with the names of figures as text. */
  record FileForm(List<RunForm> runs) {}

  record RunForm(
      String group,
      String load,
      String title,
      String date,
      List<String> machine,
      String settings,
      List<PeerForm> peers) {}

  record PeerForm(String name, Map<String, List<Double>> figures, String note) {}

  /** With these in the place of former ones of the same loads, and behind what was there. */
  public Results with(List<Run> newer) {
    List<Run> merged = new ArrayList<>();
    for (Run run : runs) {
      merged.add(newer.stream().filter(run::sameLoad).findFirst().orElse(run));
    }
    newer.stream().filter(run -> runs.stream().noneMatch(run::sameLoad)).forEach(merged::add);
    return new Results(merged);
  }

  /** Those of one command. */
  public List<Run> of(String group) {
    return runs.stream().filter(run -> run.group().equals(group)).toList();
  }

  /** The text of the file. */
  public String json() {
    return MAPPER.writeValueAsString(
            new FileForm(
                runs.stream()
                    .map(run ->
                        new RunForm(
                            run.group(),
                            run.load(),
                            run.title(),
                            run.date(),
                            run.machine(),
                            run.settings(),
                            run.peers().stream().map(Results::form).toList()))
                    .toList()))
        + "\n";
  }

  private static PeerForm form(PeerRun peer) {
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    peer.figures()
        .forEach((figure, rounds) ->
            figures.put(
                figure.key(),
                rounds.stream().map(value -> Math.round(value * 1e4) / 1e4).toList()));
    return new PeerForm(peer.name(), figures, peer.note());
  }

  /**
   * Reads the file's text.
   *
   * @throws BenchException if it is not such a text
   */
  public static Results parse(String json) {
    try {
      return new Results(
          MAPPER.readValue(json, FileForm.class).runs().stream()
              .map(run ->
                  new Run(
                      run.group(),
                      run.load(),
                      run.title(),
                      run.date(),
                      run.machine(),
                      run.settings(),
                      run.peers().stream().map(Results::peer).toList()))
              .toList());
    } catch (JacksonException | NullPointerException e) {
      throw new BenchException(
          "the kept results can't be read: " + e.getMessage(),
          "restore performance.json from version control, or delete it and measure anew");
    }
  }

  private static PeerRun peer(PeerForm form) {
    Map<Figure, List<Double>> figures = new EnumMap<>(Figure.class);
    form.figures().forEach((name, rounds) -> figures.put(figure(name), rounds));
    return new PeerRun(form.name(), figures, form.note());
  }

  private static Figure figure(String name) {
    return Stream.of(Figure.values())
        .filter(figure -> figure.key().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new BenchException(
                "the kept results name an unknown figure, " + name,
                "restore performance.json from version control, or delete it and measure anew"));
  }
}
