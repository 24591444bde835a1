'use strict';
// What node-postgres sees, with its cursors, streams and COPY.
const crypto = require('node:crypto');
const fs = require('node:fs');
const { pipeline } = require('node:stream/promises');
const { Readable, Writable } = require('node:stream');
const modules = process.argv[3] + '/node_modules/';
const pg = require(modules + 'pg');
const Cursor = require(modules + 'pg-cursor');
const QueryStream = require(modules + 'pg-query-stream');
const copy = require(modules + 'pg-copy-streams');

const types = fs.readFileSync(process.argv[2], 'utf8');
const section = (name) => console.log('## ' + name);
const say = (...values) =>
  console.log(...values.map((v) => (typeof v === 'string' ? v : JSON.stringify(v, (_, x) => (x === undefined ? null : x)))));

async function attempt(action) {
  try {
    say('gave', await action());
  } catch (e) {
    const { message, severity, code, detail, hint, position, internalPosition, internalQuery, where } = e;
    const { schema, table, column, dataType, constraint, routine } = e;
    say('error', { message, severity, code, detail, hint, position, internalPosition, internalQuery, where });
    say({ schema, table, column, dataType, constraint, routine });
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function main() {
  const client = new pg.Client();
  await client.connect();
  const rows = async (sql, values) => (await client.query(sql, values)).rows;

  section('types');
  const result = await client.query(types);
  for (const field of result.fields) {
    say(field.name, field.dataTypeID, field.dataTypeSize, field.dataTypeModifier, field.format, String(result.rows[0][field.name]));
  }
  const extended = await client.query({ text: types, values: [], queryMode: 'extended', rowMode: 'array' });
  say(extended.rows[0].map(String));

  section('statements');
  say((await client.query('SELECT 1 AS a; SELECT 2 AS b, 3 AS c')).map((r) => [r.command, r.rowCount, r.rows]));
  say((await client.query('')).command);
  await client.query('CREATE TABLE t (n int PRIMARY KEY, s text)');
  for (let i = 0; i < 10; i++) {
    say((await client.query({ name: 'insert', text: 'INSERT INTO t VALUES ($1, $2)', values: [i, 'row ' + i] })).rowCount);
  }
  say(await rows({ name: 'select', text: 'SELECT * FROM t WHERE n = ANY($1) ORDER BY n', values: [[1, 2, 3]] }));
  await client.query('ALTER TABLE t ADD extra int DEFAULT 7');
  await attempt(async () => (await client.query({ name: 'other', text: 'SELECT * FROM t WHERE n = $1', values: [4] })).rows);
  await attempt(() => client.query({ name: 'insert', text: 'INSERT INTO t VALUES ($1, $2)', values: [1, 'again'] }));
  await attempt(() => client.query({ name: 'broken', text: 'SELEKT $1', values: [1] }));
  await attempt(() => client.query('SELECT 1; SELECT 1/0; SELECT 2'));
  await attempt(() => client.query('SELECT $1::int', ['x']));
  await attempt(() => client.query("DO $$ BEGIN RAISE EXCEPTION 'own' USING ERRCODE = 'XY123', DETAIL = 'd', HINT = 'h'; END $$"));
  say(await rows('SELECT count(*) FROM t'));

  section('queued without waiting');
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client.query('SELECT $1::int * 2 AS x', [i])));
  say(answers.reduce((sum, r) => sum + r.rows[0].x, 0));

  section('transactions');
  await client.query('BEGIN');
  await client.query('INSERT INTO t VALUES (100)');
  await attempt(() => client.query('SELECT 1/0'));
  await attempt(() => client.query('SELECT 1'));
  say((await client.query('COMMIT')).command);
  say(await rows('SELECT count(*) FROM t WHERE n = 100'));

  section('cursor');
  await client.query('INSERT INTO t SELECT g, $1 FROM generate_series(1000, 3000) g', ['many']);
  const cursor = client.query(new Cursor('SELECT n FROM t WHERE n >= $1 ORDER BY n', [1000]));
  let seen = 0;
  for (let i = 0; i < 4; i++) {
    seen += (await cursor.read(300)).length;
  }
  await cursor.close();
  say(seen, await rows('SELECT 1 AS after'));
  const failing = client.query(new Cursor('SELECT 1 / (n - 1500) AS x FROM t WHERE n >= 1000 ORDER BY n'));
  await attempt(async () => {
    for (;;) {
      if ((await failing.read(100)).length === 0) return 'all';
    }
  });
  say(await rows('SELECT 2 AS after'));

  section('stream');
  let sum = 0;
  for await (const row of client.query(new QueryStream('SELECT n FROM t WHERE n >= $1', [1000], { batchSize: 64 }))) {
    sum += row.n;
  }
  say(sum);
  let few = 0;
  for await (const row of client.query(new QueryStream('SELECT generate_series(1, 100000) AS n', [], { batchSize: 10 }))) {
    few += row.n;
    if (row.n === 25) break;
  }
  say(few, await rows('SELECT 3 AS after'));

  section('copy');
  const lines = Array.from({ length: 30000 }, (_, i) => `${10000 + i}\tcopied ${i}\t\\N\n`);
  await pipeline(Readable.from(lines), client.query(copy.from('COPY t FROM STDIN')));
  const hash = crypto.createHash('md5');
  await pipeline(client.query(copy.to('COPY (SELECT * FROM t WHERE n >= 10000 ORDER BY n) TO STDOUT')), new Writable({
    write(chunk, _, done) {
      hash.update(chunk);
      done();
    },
  }));
  say(hash.digest('hex') === crypto.createHash('md5').update(lines.join('')).digest('hex'));
  await attempt(() => pipeline(Readable.from(['70000\tx\t1\n', 'bad\n']), client.query(copy.from('COPY t FROM STDIN'))));
  await attempt(() => pipeline(Readable.from(['1\n']), client.query(copy.from('COPY missing FROM STDIN'))));
  say(await rows('SELECT count(*) FROM t'));

  section('large');
  const large = '0123456789'.repeat(2000000);
  const [{ v, m }] = await rows('SELECT $1::text AS v, md5($1) AS m', [large]);
  say(v === large, m === crypto.createHash('md5').update(large).digest('hex'));

  section('notices');
  const notices = [];
  client.on('notice', (n) => notices.push([n.severity, n.code, n.message, n.hint]));
  await client.query("DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING 'second' USING HINT = 'h'; END $$");
  say(notices);

  section('notifications');
  const news = [];
  client.on('notification', (n) => news.push([n.channel, n.payload]));
  await client.query('LISTEN news');
  const other = new pg.Client();
  await other.connect();
  for (let i = 0; i < 3; i++) {
    await other.query("SELECT pg_notify('news', $1)", ['message ' + i]);
  }
  for (let i = 0; i < 200 && news.length < 3; i++) {
    await sleep(50);
  }
  say(news);
  await client.query('UNLISTEN *');

  section('cancel');
  const sleeping = attempt(() => client.query('SELECT pg_sleep(20)'));
  for (let i = 0; i < 200; i++) {
    await sleep(50);
    const [{ n }] = (await other.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(20)' AND state = 'active' AND pid <> pg_backend_pid()")).rows;
    if (n > 0) break;
  }
  await new Promise((resolve, reject) => {
    const canceller = new pg.Client();
    const { processID, secretKey } = client;
    canceller.connection.once('connect', () => canceller.connection.cancel(processID, secretKey));
    canceller.connection.once('end', resolve);
    canceller.connection.once('error', reject);
    canceller.connection.connect(client.port, client.host);
  });
  await sleeping;
  say(await rows("SELECT 'goes on' AS x"));
  await other.end();

  section('pool');
  const pool = new pg.Pool({ max: 8 });
  const counts = await Promise.all(Array.from({ length: 300 }, (_, i) => pool.query('SELECT $1::int AS i', [i])));
  say(counts.every((r, i) => r.rows[0].i === i));
  await pool.end();
  await client.end();
  section('end');
}

main().catch((e) => {
  console.log('failed', e);
  process.exit(1);
});
