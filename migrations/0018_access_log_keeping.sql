-- The access log for an application's role that may add to it and read it, and nothing else: adding and purging go by
-- functions that run as the tables' owner, whatever the caller's search path.

-- Deletes what has had its time, of at most so many patients' chains, and no other entry: never from the middle of a
-- chain, and nothing younger than six months, whatever the caller asks for. Entries that belong to no chain (searches
-- that found nobody) go with the call that finds fewer chains than it may take.
CREATE FUNCTION "purge_access_log"("before" timestamptz, "most" integer, OUT "chains" integer, OUT "entries" integer)
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  "until" timestamptz := least($1, now() - interval '180 days');
  "unchained" integer := 0;
BEGIN
  -- Said here and taken back below: a setting of the function's own would take a superuser to declare it.
  PERFORM set_config('records.purging_access_log', 'on', true);
  WITH "due" AS (
    SELECT DISTINCT "patient_id" FROM "access_log"
    WHERE "at" < "until" AND "patient_id" IS NOT NULL
    ORDER BY "patient_id" LIMIT $2),
  "locked" AS MATERIALIZED (
    SELECT "ends"."patient_id" FROM "access_log_ends" "ends" JOIN "due" USING ("patient_id")
    ORDER BY "ends"."patient_id" FOR UPDATE OF "ends"),
  -- Up to the first entry that is still kept: clocks of several servers may differ a little.
  "reach" AS MATERIALIZED (
    SELECT "locked"."patient_id", coalesce(
      (SELECT min("place") - 1 FROM "access_log" "log"
        WHERE "log"."patient_id" = "locked"."patient_id" AND "at" >= "until"),
      (SELECT max("place") FROM "access_log" "log" WHERE "log"."patient_id" = "locked"."patient_id")) AS "place"
    FROM "locked"),
  "shortened" AS (
    UPDATE "access_log_ends" "ends" SET "purged_to" = "log"."place", "purged_digest" = "log"."digest"
    FROM "reach" JOIN "access_log" "log" ON "log"."patient_id" = "reach"."patient_id" AND "log"."place" = "reach"."place"
    WHERE "ends"."patient_id" = "reach"."patient_id" AND "log"."place" > "ends"."purged_to"
    RETURNING "ends"."patient_id"),
  "gone" AS (
    DELETE FROM "access_log" "log" USING "reach", "shortened"
    WHERE "log"."patient_id" = "reach"."patient_id" AND "log"."place" <= "reach"."place"
      AND "shortened"."patient_id" = "reach"."patient_id"
    RETURNING 1)
  SELECT (SELECT count(*) FROM "shortened"), (SELECT count(*) FROM "gone") INTO "chains", "entries";
  IF "chains" < $2 THEN
    DELETE FROM "access_log" WHERE "at" < "until" AND "patient_id" IS NULL;
    GET DIAGNOSTICS "unchained" = ROW_COUNT;
    "entries" := "entries" + "unchained";
  END IF;
  PERFORM set_config('records.purging_access_log', '', true);
END;
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "purge_access_log"(timestamptz, integer) FROM PUBLIC;
--> statement-breakpoint
-- What these functions name is what stands in this schema, not what a caller puts before it.
DO $$
BEGIN
  EXECUTE format(
    'ALTER FUNCTION "purge_access_log"(timestamptz, integer) SET search_path = pg_catalog, %I, pg_temp', current_schema());
  EXECUTE format(
    'ALTER FUNCTION "log_access"(uuid, timestamptz, uuid, uuid, text, text, text, text)
      SECURITY DEFINER SET search_path = pg_catalog, %I, pg_temp', current_schema());
END;
$$;
