/**
 * What was measured, kept as JSON, and shown as Markdown tables and SVG charts. Pure but for {@link
 * io.pgfleet.bench.figures.PerformancePage}, which reads and writes the files.
 */
@NullMarked
package io.pgfleet.bench.figures;

import org.jspecify.annotations.NullMarked;
