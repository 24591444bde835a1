\set VERBOSITY verbose
\set SHOW_CONTEXT always
\set ON_ERROR_STOP off
\pset null '<null>'
\echo ## types
\x on
\i :types
;
\x off
\gdesc
SELECT 1 AS one, 'two'::text AS two \gdesc
\echo ## statements of one message
CREATE TABLE t (n int PRIMARY KEY, s text) \; INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, 5) g \; SELECT count(*) FROM t;
SELECT 1 \; SELECT 1/0 \; SELECT 'never';
INSERT INTO t VALUES (6, 'x') \; SELECT 1/0;
SELECT count(*) FROM t;
\echo ## errors
SELECT nocolumn FROM t;
INSERT INTO t VALUES (1, 'again');
\errverbose
SELEKT;
SELECT * FROM t WHERE s = 5;
DO $$ BEGIN RAISE EXCEPTION 'own' USING ERRCODE = 'XY123', DETAIL = 'the detail', HINT = 'the hint', COLUMN = 'c', TABLE = 't', SCHEMA = 's', DATATYPE = 'd', CONSTRAINT = 'k'; END $$;
\echo :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE :ROW_COUNT
\echo ## notices
DO $$ BEGIN RAISE DEBUG 'no'; RAISE INFO 'info'; RAISE NOTICE 'notice'; RAISE WARNING 'warning' USING HINT = 'h'; END $$;
DROP TABLE IF EXISTS nothing;
\echo ## transactions
BEGIN;
INSERT INTO t VALUES (7, 'seven');
SAVEPOINT a;
INSERT INTO t VALUES (7, 'again');
SELECT 'failed';
ROLLBACK TO a;
RELEASE a;
COMMIT;
SELECT s FROM t WHERE n = 7;
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT 1/0;
SELECT 'goes on';
COMMIT;
\set ON_ERROR_ROLLBACK off
START TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;
SHOW transaction_isolation;
INSERT INTO t VALUES (8, 'refused');
COMMIT;
COMMIT;
\echo ## copy
COPY t TO STDOUT;
COPY t (n, s) FROM STDIN;
10	ten
11	\N
\.
COPY t FROM STDIN;
12	twelve
not a number	x
\.
COPY t FROM STDIN (FORMAT csv, HEADER);
n,s
20,"with, comma"
21,
\.
COPY nothing FROM STDIN;
1
\.
\copy (SELECT n, s FROM t ORDER BY n) TO 'out.csv' (FORMAT csv)
\copy t FROM 'out.csv' (FORMAT csv)
DELETE FROM t WHERE n >= 10;
\copy t FROM 'out.csv' (FORMAT csv)
COPY (SELECT 1) TO STDOUT \; SELECT 'after' \; COPY (SELECT 2) TO STDOUT;
DELETE FROM t WHERE n < 10;
\copy t FROM 'out.csv' (FORMAT csv)
\echo ## cursors
\set FETCH_COUNT 2
SELECT n FROM t ORDER BY n LIMIT 5;
\set FETCH_COUNT 0
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT n FROM t ORDER BY n;
FETCH 2 FROM c;
MOVE LAST IN c;
FETCH BACKWARD 1 FROM c;
COMMIT;
BEGIN;
DECLARE h CURSOR WITH HOLD FOR SELECT n FROM t ORDER BY n;
COMMIT;
FETCH 2 FROM h;
CLOSE h;
FETCH 1 FROM h;
\echo ## settings
SET search_path = pg_catalog;
SHOW search_path;
RESET search_path;
SET DateStyle = 'German';
SELECT '2001-02-03'::date;
SET TIME ZONE 'Asia/Tokyo';
SELECT '2001-02-03 00:00:00+00'::timestamptz;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SHOW transaction_isolation;
RESET ALL;
SET work_mem = '7MB';
SHOW work_mem;
SET LOCAL work_mem = '8MB';
SHOW work_mem;
SELECT set_config('my.own', 'kept', false);
SELECT current_setting('my.own');
DISCARD ALL;
SELECT current_setting('my.own', true);
SHOW work_mem;
\encoding LATIN1
SELECT 'é' = convert_from('\xe9', 'LATIN1') AS same;
\encoding UTF8
\echo ## prepared in SQL
PREPARE p (int) AS SELECT $1 + 1 AS r;
EXECUTE p (41);
EXECUTE p (41);
PREPARE p AS SELECT 1;
DEALLOCATE p;
EXECUTE p (1);
\echo ## temporary
CREATE TEMP TABLE scratch (a int);
INSERT INTO scratch VALUES (1);
SELECT * FROM scratch;
SELECT n, s INTO TEMP chosen FROM t WHERE n = 1;
SELECT * FROM chosen;
DROP TABLE scratch, chosen;
\echo ## locks
SELECT pg_advisory_lock(99);
SELECT pg_advisory_unlock(99), pg_advisory_unlock(99);
SELECT pg_try_advisory_lock_shared(98), pg_advisory_unlock_shared(98);
\echo ## notifications
LISTEN news;
NOTIFY news, 'one';
SELECT pg_notify('news', 'two');
\! sleep 0.5
SELECT 'both are heard by now';
UNLISTEN news;
\echo ## large objects
\lo_import psql.txt 'a comment'
SELECT length(lo_get(:LASTOID));
\lo_unlink :LASTOID
\echo ## describe
\d t
\dt
\df pg_advisory_lock
\sf pg_catalog.lpad(text, integer)
\echo ## gexec, crosstab, gset
SELECT format('SELECT %s AS x', g) FROM generate_series(1, 3) g \gexec
SELECT * FROM (VALUES ('a', 'x', 1), ('b', 'y', 2)) v (r, c, n) \crosstabview r c n
SELECT 5 AS five, 'six' AS six \gset
\echo :five :six
\echo ## reconnecting
\c
SELECT count(*) FROM t;
\echo ## large
SELECT md5(repeat('abc', 5000000)), length(repeat('abc', 5000000));
SELECT count(*), sum(length(v)) FROM (SELECT repeat('x', 1000) v FROM generate_series(1, 20000)) q;
\o large.txt
SELECT repeat('0123456789', 1000) FROM generate_series(1, 3000);
\o
\echo ## end
