"""What psycopg 3 sees, its pipelines and prepared statements included."""
import asyncio
import hashlib
import logging
import sys
import threading
import time

import psycopg
from psycopg import ClientCursor, errors, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

TYPES = open(sys.argv[1], encoding="utf-8").read()
# what the driver logs of errors that it ignores depends on the time
logging.disable(logging.CRITICAL)
LARGE = int(sys.argv[2])


def section(name):
    print("##", name)


def attempt(action):
    try:
        print("gave", action())
    except psycopg.Error as e:
        d = e.diag
        print("error", type(e).__name__, e.sqlstate, d.severity, d.severity_nonlocalized, d.message_primary,
              d.message_detail, d.message_hint, d.statement_position, d.internal_position, d.internal_query,
              d.context, d.schema_name, d.table_name, d.column_name, d.datatype_name, d.constraint_name,
              d.source_function)


connection = psycopg.connect("", autocommit=True)

section("types")
for binary in (False, True):
    cursor = connection.cursor(binary=binary)
    try:
        cursor.execute(TYPES)
        for column in cursor.description:
            print(column.name, column.type_code, column.internal_size, column.precision, column.scale)
        for i in range(len(cursor.description)):
            print(cursor.pgresult.fformat(i), cursor.pgresult.get_value(0, i))
    except psycopg.Error as e:
        print("error", e.sqlstate, e)

section("parameters")
with connection.cursor() as cursor:
    values = (1, 2**40, 1.5, "text", b"\x00\xff", None, True, [1, 2, 3], ["a", None], Jsonb({"a": 1}))
    cursor.execute("SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s", values)
    print(cursor.fetchone())
    cursor.execute("SELECT %b, %b, %b", (1, "text", b"bytes"))
    print(cursor.fetchone())
    print(cursor.execute("SELECT %s::int AS a, %s::text AS b", (1, "x")).fetchone())
with connection.cursor(row_factory=dict_row) as cursor:
    print(cursor.execute("SELECT 1 AS a, 'x' AS b").fetchone())
client_side = ClientCursor(connection)
print(client_side.execute("SELECT %s, %s; SELECT 2", ("it's", 5)).fetchall(), client_side.nextset(), client_side.fetchall())

section("prepared")
connection.execute("CREATE TABLE t (n int PRIMARY KEY, s text)")
connection.prepare_threshold = 1
for i in range(20):
    connection.execute("INSERT INTO t VALUES (%s, %s)", (i, "row %d" % i))
for i in range(20):
    row = connection.execute("SELECT s FROM t WHERE n = %s", (i,), prepare=True).fetchone()
    assert row == ("row %d" % i,), row
connection.prepared_max = 5
for i in range(30):
    print(connection.execute("SELECT %s::int + " + str(i), (1,), prepare=True).fetchone()[0], end=" ")
print()
connection.execute("ALTER TABLE t ADD extra int DEFAULT 7")
print(connection.execute("SELECT * FROM t WHERE n = %s", (3,), prepare=True).fetchone())
connection.execute("DEALLOCATE ALL")
# the driver does not notice, and is told by the server
attempt(lambda: connection.execute("SELECT * FROM t WHERE n = %s", (3,), prepare=True).fetchone())
attempt(lambda: connection.execute("SELECT 1/%s", (0,), prepare=True))
attempt(lambda: connection.execute("SELECT nothing FROM t WHERE n = %s", (0,), prepare=True))
connection.prepare_threshold = 5

section("transactions")
with connection.transaction():
    connection.execute("INSERT INTO t VALUES (100, 'outer')")
    try:
        with connection.transaction():
            connection.execute("INSERT INTO t VALUES (101, 'inner')")
            connection.execute("SELECT 1/0")
    except errors.DivisionByZero as e:
        print("inner", e.sqlstate, connection.info.transaction_status)
    print(connection.info.transaction_status)
print(connection.execute("SELECT n FROM t WHERE n >= 100").fetchall(), connection.info.transaction_status)
attempt(lambda: connection.execute("INSERT INTO t VALUES (1, 'again')"))
attempt(lambda: connection.execute("SELECT 1; SELECT 1/0; SELECT 2"))

section("pipeline")
with connection.pipeline() as pipeline:
    cursors = [connection.execute("SELECT %s::int * 2", (i,)) for i in range(300)]
    pipeline.sync()
    print(sum(c.fetchone()[0] for c in cursors))
    with connection.cursor() as many:
        many.executemany("INSERT INTO t VALUES (%s, %s)", [(i, "piped") for i in range(1000, 1400)])
    print(connection.execute("SELECT count(*) FROM t WHERE s = 'piped'").fetchone())
# When the driver learns of the error depends on the time; that it does, and goes on afterwards, does not.
try:
    with connection.pipeline():
        connection.execute("INSERT INTO t VALUES (6000, 'undone')")
        connection.execute("SELECT 1/0")
        connection.execute("INSERT INTO t VALUES (6001, 'skipped')")
except psycopg.Error as e:
    print("left by", e.sqlstate)
print(connection.info.transaction_status, connection.execute("SELECT count(*) FROM t WHERE n >= 6000").fetchone())
with connection.pipeline():
    with connection.transaction():
        connection.execute("INSERT INTO t VALUES (5000, 'in a block')")
        print(connection.execute("SELECT count(*) FROM t WHERE n = 5000").fetchone())
with connection.pipeline() as pipeline:
    outcome = []
    for i in range(50):
        try:
            with connection.transaction():
                connection.execute("INSERT INTO t VALUES (%s, 'x')", (2000 + i % 30,))
                pipeline.sync()
                outcome.append("ok")
        except psycopg.Error as e:
            outcome.append(e.sqlstate)
    print(outcome)
print(connection.info.transaction_status, connection.execute("SELECT count(*) FROM t").fetchone())

section("copy")
with connection.cursor() as cursor:
    with cursor.copy("COPY t (n, s) FROM STDIN") as copy:
        for i in range(10000, 40000):
            copy.write_row((i, "copied\t%d\n" % i if i % 3 else None))
    print(cursor.rowcount)
    digest = hashlib.md5()
    with cursor.copy("COPY (SELECT n, s FROM t WHERE n >= 10000 ORDER BY n) TO STDOUT (FORMAT binary)") as copy:
        for data in copy:
            digest.update(data)
    print(digest.hexdigest())
    try:
        with cursor.copy("COPY t (n, s) FROM STDIN") as copy:
            copy.write("50000\tx\nbad\n")
    except psycopg.Error as e:
        print(e.sqlstate, e.diag.context)
    try:
        with cursor.copy("COPY t (n, s) FROM STDIN") as copy:
            copy.write("50000\tx\n")
            raise ValueError("gave up")
    except (ValueError, psycopg.Error) as e:
        print(type(e).__name__, e, connection.info.transaction_status)
    try:
        with cursor.copy("COPY (SELECT generate_series(1, 100000)) TO STDOUT") as copy:
            for i, data in enumerate(copy):
                if i == 10:
                    raise ValueError("had enough")
    except (ValueError, psycopg.Error) as e:
        print(type(e).__name__, e, connection.info.transaction_status)
    print(cursor.execute("SELECT count(*) FROM t").fetchone())

section("server-side cursors")
with connection.transaction():
    with connection.cursor(name="named") as named:
        named.itersize = 1000
        named.execute("SELECT n FROM t ORDER BY n")
        print(sum(row[0] for row in named))
with connection.cursor(name="held", withhold=True, scrollable=True) as held:
    held.execute("SELECT n FROM t ORDER BY n")
    print(held.fetchmany(3))
    held.scroll(10)
    print(held.fetchone())

section("row by row")
with connection.cursor() as cursor:
    print(sum(row[0] for row in cursor.stream("SELECT generate_series(1, 50000)")))

section("large")
text = "0123456789" * (LARGE // 10)
with connection.cursor() as cursor:
    value, digest = cursor.execute("SELECT %s::text, md5(%s::text)", (text, text)).fetchone()
    print(len(value), value == text, digest == hashlib.md5(text.encode()).hexdigest())
    value = None
    blob = text.encode()
    value = cursor.execute("SELECT %b::bytea", (blob,)).fetchone()[0]
    print(len(value))

section("notices")
notices = []
connection.add_notice_handler(lambda d: notices.append((d.severity, d.sqlstate, d.message_primary, d.message_hint)))
connection.execute("DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING 'second' USING HINT = 'h'; END $$")
print(notices)

section("notifications")
connection.execute("LISTEN news")
other = psycopg.connect("", autocommit=True)
for i in range(3):
    other.execute("SELECT pg_notify('news', %s)", ("message %d" % i,))
seen = []
for notify in connection.notifies():
    seen.append((notify.channel, notify.payload))
    if len(seen) == 3:
        break
print(seen)
connection.execute("UNLISTEN *")

section("cancel")


def cancel_until(done):
    while not done.is_set():
        time.sleep(0.1)
        connection.cancel()


done = threading.Event()
thread = threading.Thread(target=cancel_until, args=(done,))
thread.start()
attempt(lambda: connection.execute("SELECT pg_sleep(20)"))
done.set()
thread.join()
time.sleep(0.3)
for _ in range(2):
    try:
        print(connection.execute("SELECT 'goes on'").fetchone())
        break
    except errors.QueryCanceled:
        pass

section("two-phase commit")
two = psycopg.connect("")
two.tpc_begin(two.xid(1, "gid", "branch"))
two.execute("INSERT INTO t VALUES (-1, 'two-phase')")
two.tpc_prepare()
two.tpc_commit()
print(two.execute("SELECT s FROM t WHERE n = -1").fetchone())
two.close()

section("asyncio")


async def many():
    async with await psycopg.AsyncConnection.connect("", autocommit=True) as a:
        async with a.pipeline():
            cursors = [await a.execute("SELECT %s::int", (i,)) for i in range(100)]
            print(sum([(await c.fetchone())[0] for c in cursors]))
        async with a.cursor() as c:
            await c.execute("SELECT generate_series(1, 1000)")
            print(sum([row[0] async for row in c]))


asyncio.run(many())
print(sql.SQL("SELECT {}").format(sql.Literal("quoted ' \\ text")).as_string(connection))

section("end")
