-- Who changed hotlines, hours and routing rules, when, from what to what. Written in the transaction of the change.
CREATE TABLE "configuration_changes" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "subject" text NOT NULL CHECK ("subject" ~ '^(routing-rules|hotline:[a-z][a-z0-9-]{0,39})$'),
  -- Of the subject, from 1 on: what was never edited here has version 0. Two edits of one version cannot both be.
  "version" integer NOT NULL CHECK ("version" > 0),
  "at" timestamptz NOT NULL,
  "agent_id" uuid NOT NULL REFERENCES "agents" ("id"),
  -- Null for a line that was not there.
  "before" jsonb,
  "after" jsonb NOT NULL,
  UNIQUE ("subject", "version")
);
--> statement-breakpoint
CREATE FUNCTION "refuse_change_of_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "configuration_changes_append_only"
  BEFORE UPDATE OR DELETE OR TRUNCATE ON "configuration_changes"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();
