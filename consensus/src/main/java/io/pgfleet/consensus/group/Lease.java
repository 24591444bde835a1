package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;

/**
 * The right to let a server accept writes, alive exactly as long as its holder's session.
 *
 * @param holder the node whose server may write
 * @param term the reign it was taken for
 */
public record Lease(NodeName holder, Term term) {}
