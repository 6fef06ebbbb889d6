-- What was issued to patients, by whom and of what, what became of it, and the summaries that an establishment has made at one go.

CREATE TABLE "patient_documents" (
  -- Of `certificates_issued`.
  "id" uuid PRIMARY KEY REFERENCES "certificates_issued" ("id") ON DELETE CASCADE,
  "kind" text NOT NULL CHECK ("kind" IN ('summary', 'attestation')),
  "patient_id" uuid NOT NULL REFERENCES "patients" ("id") ON DELETE CASCADE,
  "bilingual" boolean NOT NULL,
  "signed_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "requested_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  -- The injection that an attestation was asked for.
  "injection_id" uuid,
  -- SHA-256 of what the document says of the record.
  "digest" bytea NOT NULL,
  "issued_at" timestamptz NOT NULL,
  "withdrawn_at" timestamptz,
  "withdrawn_reason" text CHECK ("withdrawn_reason" IN ('corrected', 'entered_in_error', 'issued_in_error')),
  "replaced_by" uuid REFERENCES "patient_documents" ("id") ON DELETE SET NULL,
  CHECK (("withdrawn_at" IS NULL) = ("withdrawn_reason" IS NULL))
);
--> statement-breakpoint
CREATE INDEX "patient_documents_patient" ON "patient_documents" ("patient_id", "issued_at");
--> statement-breakpoint
CREATE TABLE "summary_batches" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "state" text NOT NULL CHECK ("state" IN ('waiting', 'running', 'merging', 'done')),
  "requested_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "acting_as" jsonb,
  "structure" text NOT NULL,
  "first_day" date NOT NULL,
  "last_day" date NOT NULL,
  "bilingual" boolean NOT NULL,
  "request_id" text NOT NULL,
  "created_at" timestamptz NOT NULL,
  "finished_at" timestamptz,
  -- All of them in one file, to be printed.
  "document" bytea,
  "pages" integer
);
--> statement-breakpoint
CREATE INDEX "summary_batches_by" ON "summary_batches" ("requested_by", "created_at");
--> statement-breakpoint
CREATE TABLE "summary_batch_items" (
  "batch_id" uuid NOT NULL REFERENCES "summary_batches" ("id") ON DELETE CASCADE,
  "place" integer NOT NULL,
  "patient_id" uuid NOT NULL REFERENCES "patients" ("id") ON DELETE CASCADE,
  "state" text NOT NULL CHECK ("state" IN ('waiting', 'issued', 'refused')),
  "document_id" uuid REFERENCES "patient_documents" ("id") ON DELETE SET NULL,
  -- Code of the problem that refused it.
  "refusal" text,
  PRIMARY KEY ("batch_id", "place")
);
--> statement-breakpoint
CREATE INDEX "summary_batch_items_waiting" ON "summary_batch_items" ("batch_id", "place") WHERE "state" = 'waiting';
