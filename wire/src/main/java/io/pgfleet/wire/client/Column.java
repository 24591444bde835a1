package io.pgfleet.wire.client;

/**
 * One column of a result (PostgreSQL manual, 'Message Formats', RowDescription).
 *
 * @param name as the statement names it
 * @param tableOid the table it comes from, or 0; an unsigned 32-bit number
 * @param tableColumn its number in that table, or 0
 * @param typeOid its type; an unsigned 32-bit number
 * @param typeSize bytes of the type, negative if variable
 * @param typeModifier such as the bound of a varchar, -1 if none
 */
public record Column(
    String name, long tableOid, int tableColumn, long typeOid, int typeSize, int typeModifier) {}
