-- Writing the access log in one call from within the statement that reads, and where records go after their time.

-- Over the entry before and all that an entry says, as a JSON array: no two entries look alike.
CREATE FUNCTION "access_log_digest"(
  "previous" bytea, "patient" uuid, "place" integer, "at" timestamptz, "professional" uuid, "on_behalf_of" uuid,
  "structure" text, "action" text, "route" text, "request_id" text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256("previous" || convert_to(json_build_array(
    "patient", "place", (extract(epoch FROM "at") * 1000000)::bigint, "professional", "on_behalf_of", "structure",
    "action", "route", "request_id"
  )::text, 'UTF8'))
$$;
--> statement-breakpoint
-- Adds an entry to the end of a patient's chain, whose row it keeps locked until the caller commits: whoever logs
-- several patients does so in the order of their ids. Returns the place; null without a patient.
CREATE FUNCTION "log_access"(
  "patient" uuid, "at" timestamptz, "professional" uuid, "on_behalf_of" uuid, "structure" text, "action" text,
  "route" text, "request_id" text
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  "reached" "access_log_ends";
BEGIN
  IF $1 IS NOT NULL THEN
    INSERT INTO "access_log_ends" AS "ends" ("patient_id", "place", "digest")
    VALUES ($1, 1, "access_log_digest"(''::bytea, $1, 1, $2, $3, $4, $5, $6, $7, $8))
    ON CONFLICT ("patient_id") DO UPDATE SET
      "place" = "ends"."place" + 1,
      "digest" = "access_log_digest"("ends"."digest", $1, "ends"."place" + 1, $2, $3, $4, $5, $6, $7, $8)
    RETURNING * INTO "reached";
  END IF;
  INSERT INTO "access_log"
    ("at", "professional_id", "on_behalf_of", "structure", "patient_id", "action", "route", "request_id", "place", "digest")
  VALUES ($2, $3, $4, $5, $1, $6, $7, $8, "reached"."place", "reached"."digest");
  RETURN "reached"."place";
END;
$$;
--> statement-breakpoint
CREATE TABLE "archived_records" (
  "patient_id" uuid PRIMARY KEY,
  "last_act_on" date NOT NULL,
  "archived_at" timestamptz NOT NULL,
  "kept_until" date NOT NULL,
  "key_id" text NOT NULL,
  -- AES-256-GCM: nonce, cipher text, tag.
  "sealed" bytea NOT NULL CHECK (octet_length("sealed") > 28)
);
--> statement-breakpoint
CREATE INDEX "archived_records_key" ON "archived_records" ("key_id");
