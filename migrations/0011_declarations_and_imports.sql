-- Who declared an adverse event and who entered the centre's answer; files of acts from centres that worked offline.

ALTER TABLE "adverse_events" ADD COLUMN "declared_by" uuid REFERENCES "professionals" ("id");
--> statement-breakpoint
ALTER TABLE "adverse_events" ADD COLUMN "acknowledged_by" uuid REFERENCES "professionals" ("id");
--> statement-breakpoint
ALTER TABLE "adverse_events" ADD COLUMN "idempotency_key" text;
--> statement-breakpoint
CREATE UNIQUE INDEX "adverse_events_idempotency" ON "adverse_events" ("entered_by", "idempotency_key");
--> statement-breakpoint
CREATE TABLE "record_imports" (
  "id" uuid PRIMARY KEY,
  -- FINESS number or other name of the centre whose row identifiers these are.
  "centre" text NOT NULL CHECK ("centre" <> ''),
  "state" text NOT NULL CHECK ("state" IN ('receiving', 'waiting', 'running', 'done', 'refused')),
  "refusal" text,
  "imported_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "acting_as" jsonb,
  "request_id" text NOT NULL,
  "created_at" timestamptz NOT NULL,
  "finished_at" timestamptz,
  "total" integer NOT NULL DEFAULT 0
);
--> statement-breakpoint
CREATE INDEX "record_imports_by" ON "record_imports" ("imported_by", "created_at");
--> statement-breakpoint
CREATE TABLE "record_import_rows" (
  "import_id" uuid NOT NULL REFERENCES "record_imports" ("id") ON DELETE CASCADE,
  -- Line of the file on which the row begins, from 1.
  "line" integer NOT NULL,
  "centre" text NOT NULL,
  "row_id" text,
  -- The row as it was sent, sealed: emptied once it is done.
  "sealed" bytea,
  "key_id" text,
  "state" text NOT NULL CHECK ("state" IN ('waiting', 'recorded', 'known', 'refused')),
  "injection_id" uuid REFERENCES "injections" ("id"),
  "errors" jsonb NOT NULL,
  PRIMARY KEY ("import_id", "line"),
  CHECK (("sealed" IS NULL) = ("key_id" IS NULL))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "record_import_rows_once" ON "record_import_rows" ("centre", "row_id") WHERE "state" = 'recorded';
--> statement-breakpoint
CREATE INDEX "record_import_rows_waiting" ON "record_import_rows" ("import_id", "line") WHERE "state" = 'waiting';
