-- The gateway's only door into pg_authid: one verifier at a time, of roles that may log in now.
CREATE SCHEMA IF NOT EXISTS pgfleet;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgfleet_gateway') THEN
    CREATE ROLE pgfleet_gateway LOGIN;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION pgfleet.user_verifier(name text) RETURNS text
  LANGUAGE sql STABLE STRICT SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$
    SELECT a.rolpassword FROM pg_catalog.pg_authid AS a
    WHERE a.rolname = $1
      AND a.rolcanlogin
      AND (a.rolvaliduntil IS NULL OR a.rolvaliduntil > pg_catalog.now())
      AND a.rolpassword LIKE 'SCRAM-SHA-256$%'
  $$;

REVOKE ALL ON FUNCTION pgfleet.user_verifier(text) FROM PUBLIC;
GRANT USAGE ON SCHEMA pgfleet TO pgfleet_gateway;
GRANT EXECUTE ON FUNCTION pgfleet.user_verifier(text) TO pgfleet_gateway;
