package io.pgfleet.migrate;

import java.util.List;

/**
 * What a file became.
 *
 * @param yaml a fleet.yaml that is valid as it is
 * @param findings in the order of the files' lines
 */
public record Migration(String yaml, List<Finding> findings) {
  public Migration {
    findings = List.copyOf(findings);
  }

  /** How many lines have a verdict. */
  public long count(Finding.Verdict verdict) {
    return findings.stream().filter(finding -> finding.verdict() == verdict).count();
  }

  /** The report: a line a finding, and a summary. */
  public String report() {
    StringBuilder text = new StringBuilder();
    findings.forEach(finding -> text.append(finding.text()).append('\n'));
    for (Finding.Verdict verdict : Finding.Verdict.values()) {
      text.append(verdict == Finding.Verdict.MAPPED ? "" : ", ")
          .append(count(verdict))
          .append(' ')
          .append(verdict.words());
    }
    return text.append('\n').toString();
  }
}
