-- The gateway's only door into pg_authid: one user at a time, of those that may log in.
CREATE SCHEMA IF NOT EXISTS pgfleet;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgfleet_gateway') THEN
    CREATE ROLE pgfleet_gateway LOGIN;
  END IF;
END
$$;

-- One row for any name: a user that may not log in looks like one that does not exist. Hashes by MD5 are given
-- only on request. Roles are in hexadecimal, as their names may hold any character; iterations are those that new verifiers get.
CREATE OR REPLACE FUNCTION pgfleet.user_login(
    name text, md5 boolean, OUT found boolean, OUT secret text, OUT roles text, OUT iterations text)
  LANGUAGE sql STABLE STRICT SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$
    SELECT
      a.oid IS NOT NULL,
      CASE
        WHEN a.rolvaliduntil <= pg_catalog.now() THEN NULL
        WHEN a.rolpassword LIKE 'SCRAM-SHA-256$%' THEN a.rolpassword
        WHEN $2 AND a.rolpassword ~ '^md5[0-9a-f]{32}$' THEN a.rolpassword
      END,
      (WITH RECURSIVE granted(id) AS (
         SELECT a.oid
         UNION
         SELECT m.roleid FROM pg_catalog.pg_auth_members AS m JOIN granted ON m.member = granted.id)
       SELECT pg_catalog.string_agg(pg_catalog.encode(pg_catalog.convert_to(r.rolname, 'UTF8'), 'hex'), ' ')
       FROM granted JOIN pg_catalog.pg_roles AS r ON r.oid = granted.id),
      pg_catalog.current_setting('scram_iterations', true)
    FROM (SELECT $1 AS wanted) AS w
      LEFT JOIN pg_catalog.pg_authid AS a ON a.rolname = w.wanted AND a.rolcanlogin
  $$;

REVOKE ALL ON FUNCTION pgfleet.user_login(text, boolean) FROM PUBLIC;
GRANT USAGE ON SCHEMA pgfleet TO pgfleet_gateway;
GRANT EXECUTE ON FUNCTION pgfleet.user_login(text, boolean) TO pgfleet_gateway;
DROP FUNCTION IF EXISTS pgfleet.user_verifier(text);
