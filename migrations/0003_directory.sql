-- The open directory of health professionals (Annuaire Santé): one row per activity, and a record of every import.
-- Each import is a partition, the only one: loaded and indexed beside the one in use, then attached in its place, so
-- that what reads `directory_activities` meets one whole import or the other. Contact details are not kept.

CREATE TABLE "directory_activities" (
  -- The indexed columns come first: building their indexes is quicker when no text has to be walked over.
  -- An RPPS number with an 8 before it, or an ADELI number: see server/directory/identifier.ts.
  "identifier" bigint NOT NULL,
  -- Département and first letters of the names: see server/directory/search-key.ts.
  "search_key" bigint NOT NULL,
  "family_name" text,
  "given_name" text,
  "profession" text,
  "category" text,
  "mode" text,
  "site_finess" text,
  "legal_finess" text,
  "commune" text,
  "authority" text,
  "sector" text,
  "role" text,
  "kind" text
) PARTITION BY LIST ("identifier");
--> statement-breakpoint
CREATE INDEX "directory_activities_by_identifier" ON "directory_activities" ("identifier");
--> statement-breakpoint
CREATE INDEX "directory_activities_by_name" ON "directory_activities" ("search_key");
--> statement-breakpoint
CREATE TABLE "directory_imports" (
  "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "state" text NOT NULL CHECK ("state" IN ('running', 'imported', 'refused', 'failed', 'interrupted')),
  "file_name" text NOT NULL,
  "file_size" bigint NOT NULL,
  "file_sha256" text CHECK ("file_sha256" ~ '^[0-9a-f]{64}$'),
  "forced" boolean NOT NULL,
  "started_at" timestamptz NOT NULL,
  "finished_at" timestamptz,
  "rows" integer,
  "professionals" integer,
  "rejected" integer,
  -- How many rows were rejected, by reason; then the first of them.
  "rejected_by_reason" jsonb,
  "first_rejected" jsonb,
  -- Why the import was refused, or in what words it failed.
  "doubts" jsonb,
  "failure" text,
  CHECK (("state" = 'running') = ("finished_at" IS NULL)),
  CHECK ("state" <> 'imported' OR num_nulls("file_sha256", "rows", "professionals", "rejected") = 0)
);
--> statement-breakpoint
CREATE INDEX "directory_imports_by_state" ON "directory_imports" ("state", "id");
