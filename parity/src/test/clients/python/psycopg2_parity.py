"""What psycopg2 sees; printed, to be compared between a direct connection and one through the gateway."""
import hashlib
import io
import select
import sys
import threading
import time

import psycopg2
import psycopg2.extensions
import psycopg2.extras

TYPES = open(sys.argv[1], encoding="utf-8").read()


def section(name):
    print("##", name)


def attempt(action):
    """Prints an error with all its fields, in place of failing."""
    try:
        print("gave", action())
    except psycopg2.Error as e:
        d = e.diag
        print("error", type(e).__name__, e.pgcode, d.severity, d.severity_nonlocalized, d.message_primary,
              d.message_detail, d.message_hint, d.statement_position, d.internal_position, d.internal_query,
              d.context, d.schema_name, d.table_name, d.column_name, d.datatype_name, d.constraint_name,
              d.source_function)


def rows(cursor, sql, *args):
    cursor.execute(sql, *args)
    return cursor.fetchall() if cursor.description else cursor.statusmessage


connection = psycopg2.connect("")
cursor = connection.cursor()

section("types")
cursor.execute(TYPES)
for column, value in zip(cursor.description, cursor.fetchone()):
    if isinstance(value, memoryview):
        value = bytes(value)
    print(column.name, column.type_code, repr(value))
connection.commit()

section("parameters of the connection")
for name in ("server_version", "client_encoding", "DateStyle", "TimeZone", "integer_datetimes",
             "standard_conforming_strings", "is_superuser", "session_authorization", "application_name"):
    print(name, connection.get_parameter_status(name))
print(connection.server_version, connection.protocol_version, connection.encoding)

section("transactions")
print(connection.get_transaction_status())
cursor.execute("CREATE TABLE t (n int PRIMARY KEY, s text NOT NULL)")
print(connection.get_transaction_status(), cursor.statusmessage)
connection.commit()
print(connection.get_transaction_status())
attempt(lambda: rows(cursor, "SELECT 1/0"))
print(connection.get_transaction_status())
attempt(lambda: rows(cursor, "SELECT 1"))
connection.rollback()
for level in (1, 2, 3):
    connection.set_session(isolation_level=level, readonly=level == 2)
    print(rows(cursor, "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"))
    connection.rollback()
connection.set_session(isolation_level="DEFAULT", readonly=False)

section("errors")
for sql in ("SELEKT", "SELECT * FROM missing", "INSERT INTO t VALUES (1, NULL)", "SELECT 'x'::int",
            "SELECT nofunction(1)", "DO $$ BEGIN PERFORM 1/0; END $$",
            "INSERT INTO t VALUES (1, 'a'), (1, 'b')"):
    attempt(lambda: rows(cursor, sql))
    connection.rollback()

section("notices")
cursor.execute("DO $$ BEGIN FOR i IN 1..5 LOOP RAISE NOTICE 'number %', i; END LOOP; END $$")
print(connection.notices)
connection.commit()

section("many")
psycopg2.extras.execute_values(cursor, "INSERT INTO t VALUES %s", [(i, "row %d" % i) for i in range(5000)], page_size=700)
psycopg2.extras.execute_batch(cursor, "UPDATE t SET s = %s WHERE n = %s", [("changed", i) for i in range(0, 5000, 7)])
connection.commit()
print(rows(cursor, "SELECT count(*), count(*) FILTER (WHERE s = 'changed') FROM t"))
with connection.cursor("named") as server_side:
    server_side.itersize = 300
    server_side.execute("SELECT n FROM t ORDER BY n")
    print(sum(row[0] for row in server_side))
connection.commit()
with connection.cursor("held", withhold=True, scrollable=True) as held:
    held.execute("SELECT n FROM t ORDER BY n")
    print(held.fetchmany(3))
    connection.commit()
    print(held.fetchmany(3))
    held.scroll(-4)
    print(held.fetchone())
connection.commit()

section("copy")
data = "".join("%d\tcopied %d\n" % (i, i) for i in range(10000, 60000))
cursor.copy_expert("COPY t FROM STDIN", io.StringIO(data))
print(cursor.rowcount)
out = io.StringIO()
cursor.copy_expert("COPY (SELECT * FROM t WHERE n >= 10000 ORDER BY n) TO STDOUT", out)
print(out.getvalue() == data)
connection.commit()
attempt(lambda: cursor.copy_expert("COPY t FROM STDIN", io.StringIO("70000\tx\nbad\n")))
connection.rollback()
attempt(lambda: cursor.copy_expert("COPY missing TO STDOUT", io.StringIO()))
connection.rollback()


class Failing(io.StringIO):
    def read(self, size=-1):
        raise OSError("unplugged")


attempt(lambda: cursor.copy_expert("COPY t FROM STDIN", Failing()))
connection.rollback()
print(rows(cursor, "SELECT count(*) FROM t"))
connection.commit()

section("large")
text = "0123456789" * 2_000_000
cursor.execute("SELECT %s::text, md5(%s)", (text, text))
value, digest = cursor.fetchone()
print(value == text, digest == hashlib.md5(text.encode()).hexdigest())
blob = bytes(range(256)) * 40_000
cursor.execute("SELECT %s::bytea", (psycopg2.Binary(blob),))
print(bytes(cursor.fetchone()[0]) == blob)
connection.commit()

section("large objects")
large = connection.lobject(0, "wb")
large.write(b"abc" * 100_000)
oid = large.oid
large.close()
connection.commit()
large = connection.lobject(oid, "rb")
large.seek(299_997)
print(large.read(), large.tell())
large.unlink()
connection.commit()

section("two-phase commit")
connection.tpc_begin("a gid")
cursor.execute("INSERT INTO t VALUES (-1, 'two-phase')")
connection.tpc_prepare()
connection.tpc_commit()
print(rows(cursor, "SELECT s FROM t WHERE n = -1"))
connection.commit()

section("notifications")
connection.autocommit = True
cursor.execute("LISTEN news")
other = psycopg2.connect("")
other.autocommit = True
for i in range(3):
    other.cursor().execute("NOTIFY news, 'message %d'" % i)
deadline = time.monotonic() + 10
while len(connection.notifies) < 3 and time.monotonic() < deadline:
    select.select([connection], [], [], 1)
    connection.poll()
print([(n.channel, n.payload) for n in connection.notifies])
cursor.execute("UNLISTEN *")

section("cancel")


def cancel_until(done):
    while not done.is_set():
        time.sleep(0.1)
        connection.cancel()


done = threading.Event()
thread = threading.Thread(target=cancel_until, args=(done,))
thread.start()
attempt(lambda: rows(cursor, "SELECT pg_sleep(20)"))
done.set()
thread.join()
time.sleep(0.3)
for _ in range(2):
    # a cancel that was under way may still hit here, on every way to the server
    try:
        print(rows(cursor, "SELECT 'goes on'"))
        break
    except psycopg2.errors.QueryCanceled:
        pass

section("settings")
connection.set_client_encoding("LATIN1")
print(rows(cursor, "SELECT 'é', octet_length(%s)", ("é",)), connection.encoding)
connection.set_client_encoding("UTF8")
cursor.execute("SET TimeZone = 'Asia/Tokyo'")
print(connection.get_parameter_status("TimeZone"), rows(cursor, "SELECT '2001-01-01 00:00+00'::timestamptz"))
connection.reset()
print(connection.get_parameter_status("TimeZone"))

section("asynchronous")
async_connection = psycopg2.connect("", async_=True)


def wait(c):
    while True:
        state = c.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        if state == psycopg2.extensions.POLL_READ:
            select.select([c], [], [])
        else:
            select.select([], [c], [])


wait(async_connection)
async_cursor = async_connection.cursor()
async_cursor.execute("SELECT repeat('y', 3000000), 1; SELECT 2")
wait(async_connection)
print(async_cursor.fetchall())
async_connection.close()

section("end")
