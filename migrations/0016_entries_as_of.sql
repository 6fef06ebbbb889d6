-- Writing on the strength of what was read: refused when anybody wrote to, or read, the same record in between.

-- Adds an entry as "log_access" does, if the one before it is still the one at the place "seen" (0: none yet); else the
-- whole statement is undone with serialization_failure, and is to be tried again from the reading on.
CREATE FUNCTION "log_access_after"(
  "seen" integer, "patient" uuid, "at" timestamptz, "professional" uuid, "on_behalf_of" uuid, "structure" text,
  "action" text, "route" text, "request_id" text
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  "reached" integer;
BEGIN
  "reached" := "log_access"($2, $3, $4, $5, $6, $7, $8, $9);
  IF "reached" IS DISTINCT FROM $1 + 1 THEN
    RAISE EXCEPTION 'the record was read or changed meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN "reached";
END;
$$;
