/* What libpq sees: pipelines in many shapes, single rows, COPY, function calls, cancel, notifications. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static PGconn *conn;

static void stop(const char *why)
{
	printf("failed: %s: %s\n", why, PQerrorMessage(conn));
	exit(1);
}

static void check(int ok, const char *why)
{
	if (!ok)
		stop(why);
}

static void section(const char *name)
{
	printf("## %s\n", name);
}

/* A result with all that libpq tells of it. */
static void say(PGresult *res)
{
	static const char fields[] = {'S', 'V', 'C', 'M', 'D', 'H', 'P', 'p', 'q', 'W', 's', 't', 'c', 'd', 'n', 'R'};

	if (res == NULL)
	{
		printf("null\n");
		return;
	}
	printf("%s [%s]", PQresStatus(PQresultStatus(res)), PQcmdStatus(res));
	for (int f = 0; f < PQnfields(res); f++)
		printf(" %s:%u:%d:%d:%d", PQfname(res, f), PQftype(res, f), PQfsize(res, f), PQfmod(res, f), PQfformat(res, f));
	printf(" params %d\n", PQnparams(res));
	for (int r = 0; r < PQntuples(res) && r < 5; r++)
	{
		for (int f = 0; f < PQnfields(res); f++)
			printf(" %s", PQgetisnull(res, r, f) ? "null" : PQfformat(res, f) ? "(binary)" : PQgetvalue(res, r, f));
		printf("\n");
	}
	if (PQntuples(res) > 5)
		printf(" of %d rows\n", PQntuples(res));
	if (PQresultStatus(res) == PGRES_FATAL_ERROR || PQresultStatus(res) == PGRES_NONFATAL_ERROR)
		for (size_t i = 0; i < sizeof(fields); i++)
			if (PQresultErrorField(res, fields[i]))
				printf("  %c %s\n", fields[i], PQresultErrorField(res, fields[i]));
	PQclear(res);
}

static void run(const char *sql)
{
	say(PQexec(conn, sql));
}

/* All results of one query in a pipeline. */
static void drain_query(void)
{
	PGresult   *res;

	while ((res = PQgetResult(conn)) != NULL)
		say(res);
	printf("--\n");
}

static void expect_sync(void)
{
	PGresult   *res = PQgetResult(conn);

	check(res != NULL && PQresultStatus(res) == PGRES_PIPELINE_SYNC, "no sync");
	printf("sync, transaction %d\n", PQtransactionStatus(conn));
	PQclear(res);
}

static void notice(void *argument, const PGresult *res)
{
	(void) argument;
	printf("notice %s %s %s\n", PQresultErrorField(res, PG_DIAG_SEVERITY), PQresultErrorField(res, PG_DIAG_SQLSTATE),
		   PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
}

static void pipelines(void)
{
	const char *values[2];
	char		number[20];

	section("pipeline: simple");
	check(PQenterPipelineMode(conn), "enter");
	for (int i = 0; i < 3; i++)
	{
		snprintf(number, sizeof(number), "%d", i);
		values[0] = number;
		check(PQsendQueryParams(conn, "SELECT $1::int * 10 AS x", 1, NULL, values, NULL, NULL, 0), "send");
	}
	check(PQpipelineSync(conn), "sync");
	for (int i = 0; i < 3; i++)
		drain_query();
	expect_sync();

	section("pipeline: prepare, describe and use before any answer");
	check(PQsendPrepare(conn, "p1", "SELECT $1::int + $2::int AS sum, $1::text || 'x' AS text", 2, NULL), "prepare");
	check(PQsendDescribePrepared(conn, "p1"), "describe");
	values[0] = "40";
	values[1] = "2";
	check(PQsendQueryPrepared(conn, "p1", 2, values, NULL, NULL, 0), "execute");
	check(PQsendQueryPrepared(conn, "p1", 2, values, NULL, NULL, 1), "execute binary");
	check(PQpipelineSync(conn), "sync");
	for (int i = 0; i < 4; i++)
		drain_query();
	expect_sync();

	section("pipeline: an error aborts up to the sync");
	check(PQsendQueryParams(conn, "SELECT 'first'", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQsendQueryParams(conn, "SELECT 1/0", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQsendPrepare(conn, "skipped", "SELECT 'skipped'", 0, NULL), "prepare");
	check(PQsendQueryPrepared(conn, "p1", 2, values, NULL, NULL, 0), "execute");
	check(PQpipelineSync(conn), "sync");
	check(PQsendQueryPrepared(conn, "p1", 2, values, NULL, NULL, 0), "execute");
	check(PQsendQueryPrepared(conn, "skipped", 0, NULL, NULL, NULL, 0), "execute");
	check(PQpipelineSync(conn), "sync");
	for (int i = 0; i < 4; i++)
		drain_query();
	expect_sync();
	drain_query();
	drain_query();
	expect_sync();

	section("pipeline: several syncs in flight, implicit transactions");
	for (int i = 0; i < 4; i++)
	{
		snprintf(number, sizeof(number), "%d", i == 2 ? 0 : i + 100);
		values[0] = number;
		check(PQsendQueryParams(conn, "INSERT INTO t VALUES ($1, 'pipelined')", 1, NULL, values, NULL, NULL, 0), "send");
		check(PQsendQueryParams(conn, "INSERT INTO t VALUES ($1::int + 1000, 'second')", 1, NULL, values, NULL, NULL, 0), "send");
		check(PQpipelineSync(conn), "sync");
	}
	for (int i = 0; i < 4; i++)
	{
		drain_query();
		drain_query();
		expect_sync();
	}

	section("pipeline: a block");
	check(PQsendQueryParams(conn, "BEGIN", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQsendQueryParams(conn, "INSERT INTO t VALUES (500, 'block')", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQpipelineSync(conn), "sync");
	check(PQsendQueryParams(conn, "INSERT INTO t VALUES (500, 'again')", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQpipelineSync(conn), "sync");
	check(PQsendQueryParams(conn, "SELECT 'in a failed block'", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQpipelineSync(conn), "sync");
	check(PQsendQueryParams(conn, "ROLLBACK", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQpipelineSync(conn), "sync");
	drain_query();
	drain_query();
	expect_sync();
	for (int i = 0; i < 3; i++)
	{
		drain_query();
		expect_sync();
	}

	section("pipeline: flush request before the sync");
	check(PQsendQueryParams(conn, "SELECT 'flushed'", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQsendFlushRequest(conn), "flush request");
	check(PQflush(conn) >= 0, "flush");
	drain_query();
	check(PQsendQueryParams(conn, "SELECT 'after the flush'", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQpipelineSync(conn), "sync");
	drain_query();
	expect_sync();

	section("pipeline: single rows");
	check(PQsendQueryParams(conn, "SELECT generate_series(1, 3) AS n", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQsendQueryParams(conn, "SELECT 1 / (3 - generate_series(1, 3)) AS n", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQpipelineSync(conn), "sync");
	check(PQsetSingleRowMode(conn), "single");
	drain_query();
	check(PQsetSingleRowMode(conn), "single");
	drain_query();
	expect_sync();

	section("pipeline: empty, and syncs alone");
	check(PQsendQueryParams(conn, "", 0, NULL, NULL, NULL, NULL, 0), "send");
	check(PQpipelineSync(conn), "sync");
	check(PQpipelineSync(conn), "sync");
	drain_query();
	expect_sync();
	expect_sync();
	check(PQexitPipelineMode(conn), "exit");
}

/* Thousands of inserts, written and read at the same time so that no buffer fills up. */
static void deep_pipeline(void)
{
	enum {MANY = 20000};
	int			sent = 0, answered = 0, syncs = 0;

	section("pipeline: deep");
	run("CREATE TABLE deep (n int PRIMARY KEY, s text)");
	check(PQenterPipelineMode(conn), "enter");
	PQsetnonblocking(conn, 1);
	check(PQsendPrepare(conn, "deep", "INSERT INTO deep VALUES ($1, $2)", 0, NULL), "prepare");
	while (syncs == 0)
	{
		struct pollfd wait = {PQsocket(conn), POLLIN, 0};

		if (sent <= MANY)
			wait.events |= POLLOUT;
		check(poll(&wait, 1, 20000) > 0, "poll");
		if (wait.revents & POLLIN)
		{
			check(PQconsumeInput(conn), "consume");
			while (!PQisBusy(conn))
			{
				PGresult   *res = PQgetResult(conn);

				if (res == NULL)
				{
					/* the end of one query's results, or nothing more for now */
					if (answered == sent + 1)
						break;
					res = PQisBusy(conn) ? NULL : PQgetResult(conn);
					if (res == NULL)
						break;
				}
				if (PQresultStatus(res) == PGRES_PIPELINE_SYNC)
					syncs++;
				else
					check(PQresultStatus(res) == PGRES_COMMAND_OK, "insert");
				answered++;
				PQclear(res);
				if (syncs)
					break;
			}
		}
		if ((wait.revents & POLLOUT) && sent <= MANY)
		{
			for (int i = 0; i < 50 && sent < MANY; i++, sent++)
			{
				char		number[20], text[200];
				const char *values[2] = {number, text};

				snprintf(number, sizeof(number), "%d", sent);
				memset(text, 'a' + sent % 26, sizeof(text));
				text[sent % 200] = 0;
				check(PQsendQueryPrepared(conn, "deep", 2, values, NULL, NULL, 0), "send");
			}
			if (sent == MANY)
			{
				check(PQpipelineSync(conn), "sync");
				sent++;
			}
			check(PQflush(conn) >= 0, "flush");
		}
		else if (sent > MANY)
			check(PQflush(conn) >= 0, "flush");
	}
	PQsetnonblocking(conn, 0);
	check(PQexitPipelineMode(conn), "exit");
	run("SELECT count(*), sum(length(s)), md5(string_agg(s, ',' ORDER BY n)) FROM deep");
}

static void copies(void)
{
	char	   *buffer;
	int			length;
	long		bytes = 0;

	section("copy");
	say(PQexec(conn, "COPY t FROM STDIN"));
	for (int i = 10000; i < 30000; i++)
	{
		char		line[100];

		snprintf(line, sizeof(line), "%d\tline %d\n", i, i);
		/* cut in the midst of lines */
		check(PQputCopyData(conn, line, 3) == 1, "put");
		check(PQputCopyData(conn, line + 3, (int) strlen(line) - 3) == 1, "put");
	}
	check(PQputCopyEnd(conn, NULL) == 1, "end");
	drain_query();
	say(PQexec(conn, "COPY (SELECT * FROM t WHERE n >= 10000 ORDER BY n) TO STDOUT"));
	while ((length = PQgetCopyData(conn, &buffer, 0)) > 0)
	{
		bytes += length;
		PQfreemem(buffer);
	}
	printf("%ld bytes\n", bytes);
	drain_query();
	say(PQexec(conn, "COPY t FROM STDIN"));
	check(PQputCopyData(conn, "1\tx\n", 4) == 1, "put");
	check(PQputCopyEnd(conn, "changed my mind") == 1, "end");
	drain_query();
	say(PQexec(conn, "COPY t FROM STDIN"));
	check(PQputCopyData(conn, "bad\n", 4) == 1, "put");
	check(PQputCopyEnd(conn, NULL) == 1, "end");
	drain_query();
	say(PQexecParams(conn, "COPY (SELECT 1) TO STDOUT", 0, NULL, NULL, NULL, NULL, 0));
	while ((length = PQgetCopyData(conn, &buffer, 0)) > 0)
		PQfreemem(buffer);
	drain_query();
	run("SELECT count(*) FROM t");
}

static void function_call(void)
{
	PQArgBlock	argument;
	int			result = 0, length = 0;
	PGresult   *res;

	section("function call");
	argument.isint = 1;
	argument.len = 4;
	argument.u.integer = -42;
	res = PQfn(conn, 1397, &result, &length, 1, &argument, 1);
	printf("%s %d %d\n", PQresStatus(PQresultStatus(res)), result, length);
	PQclear(res);
	say(PQfn(conn, 99999999, &result, &length, 1, &argument, 1));
}

static void cancelling(void)
{
	PGcancel   *cancel = PQgetCancel(conn);
	char		error[256];
	PGresult   *res;
	int			busy = 1;

	section("cancel");
	check(PQsendQuery(conn, "SELECT pg_sleep(20)"), "send");
	while (busy)
	{
		struct pollfd wait = {PQsocket(conn), POLLIN, 0};

		if (poll(&wait, 1, 100) == 0)
			check(PQcancel(cancel, error, sizeof(error)), error);
		else
		{
			check(PQconsumeInput(conn), "consume");
			busy = PQisBusy(conn);
		}
	}
	while ((res = PQgetResult(conn)) != NULL)
		say(res);
	PQfreeCancel(cancel);
	usleep(300000);
	/* a cancel that was under way may still hit here, on every way to the server */
	res = PQexec(conn, "SELECT 'goes on'");
	if (PQresultStatus(res) == PGRES_FATAL_ERROR)
	{
		PQclear(res);
		res = PQexec(conn, "SELECT 'goes on'");
	}
	say(res);
}

static void notifications(void)
{
	PGnotify   *news;
	int			seen = 0;

	section("notifications");
	run("LISTEN news");
	run("NOTIFY news, 'one'");
	run("BEGIN; NOTIFY news, 'two'; NOTIFY news, 'three'; COMMIT");
	for (int i = 0; i < 100 && seen < 3; i++)
	{
		struct pollfd wait = {PQsocket(conn), POLLIN, 0};

		while ((news = PQnotifies(conn)) != NULL)
		{
			printf("%s %s\n", news->relname, news->extra);
			PQfreemem(news);
			seen++;
		}
		if (seen < 3 && poll(&wait, 1, 100) > 0)
			check(PQconsumeInput(conn), "consume");
	}
	run("UNLISTEN news");
}

static void large(size_t size)
{
	char	   *text = malloc(size + 1);
	const char *values[1] = {text};
	int			lengths[1] = {(int) size};
	int			binary[1] = {1};
	PGresult   *res;

	section("large");
	for (size_t i = 0; i < size; i++)
		text[i] = (char) ('a' + i % 23);
	text[size] = 0;
	res = PQexecParams(conn, "SELECT $1::text", 1, NULL, values, lengths, binary, 1);
	check(PQresultStatus(res) == PGRES_TUPLES_OK, "large");
	printf("%d\n", PQgetlength(res, 0, 0) == (int) size && memcmp(PQgetvalue(res, 0, 0), text, size) == 0);
	PQclear(res);
	free(text);
}

int main(int count, char **arguments)
{
	section("connect");
	conn = PQconnectdb("");
	check(PQstatus(conn) == CONNECTION_OK, "connect");
	PQsetNoticeReceiver(conn, notice, NULL);
	printf("protocol %d, server %d, %s %s\n", PQprotocolVersion(conn), PQserverVersion(conn),
		   PQparameterStatus(conn, "DateStyle"), PQparameterStatus(conn, "is_superuser"));
	run("CREATE TABLE t (n int PRIMARY KEY, s text)");
	run("INSERT INTO t VALUES (0, 'zero')");
	pipelines();
	deep_pipeline();
	copies();
	section("statements");
	run("SELECT 1; SELECT 'two'; SELECT 1/0; SELECT 'never'");
	run("");
	run("DO $$ BEGIN RAISE NOTICE 'hello'; RAISE WARNING 'careful'; END $$");
	say(PQprepare(conn, "s", "SELECT * FROM t WHERE n = $1", 0, NULL));
	say(PQprepare(conn, "s", "SELECT 2", 0, NULL));
	say(PQdescribePrepared(conn, "s"));
	say(PQdescribePrepared(conn, "missing"));
	run("BEGIN");
	run("DECLARE c CURSOR FOR SELECT * FROM t");
	say(PQdescribePortal(conn, "c"));
	run("FETCH 1 FROM c");
	run("ROLLBACK");
	function_call();
	cancelling();
	notifications();
	large(count > 1 ? (size_t) atol(arguments[1]) : 1000000);
	section("end");
	PQfinish(conn);
	return 0;
}
