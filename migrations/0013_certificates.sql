-- Who signs, who is believed, what was issued and what was revoked.

CREATE TABLE "certificate_keys" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "purpose" text NOT NULL CHECK ("purpose" IN ('dcc', 'two_d_doc', 'document')),
  "reference" text NOT NULL,
  "certificate" bytea NOT NULL,
  -- PKCS#8 under AES-256-GCM; null for a key that is kept elsewhere.
  "sealed_key" bytea,
  "created_at" timestamptz NOT NULL,
  "retired_at" timestamptz
);
--> statement-breakpoint
CREATE UNIQUE INDEX "certificate_keys_by_reference" ON "certificate_keys" ("purpose", "reference");
--> statement-breakpoint
CREATE UNIQUE INDEX "certificate_keys_in_use" ON "certificate_keys" ("purpose") WHERE "retired_at" IS NULL;
--> statement-breakpoint
CREATE TABLE "certificate_trusted_signers" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "purpose" text NOT NULL CHECK ("purpose" IN ('dcc', 'two_d_doc', 'document')),
  "reference" text NOT NULL,
  "country" text NOT NULL,
  "certificate" bytea NOT NULL,
  "fingerprint" text NOT NULL,
  "imported_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "certificate_trusted_signers_once" ON "certificate_trusted_signers" ("purpose", "reference", "fingerprint");
--> statement-breakpoint
CREATE TABLE "certificates_issued" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "kind" text NOT NULL CHECK ("kind" IN ('summary', 'attestation')),
  "number" text NOT NULL,
  "verification_code" text NOT NULL,
  "subject" text NOT NULL,
  "record_version" text NOT NULL,
  "uvci" text,
  "hc1" text,
  "two_d_doc" text,
  "document" bytea NOT NULL,
  "issued_at" timestamptz NOT NULL,
  "replaces" uuid
);
--> statement-breakpoint
CREATE UNIQUE INDEX "certificates_issued_by_number" ON "certificates_issued" ("number");
--> statement-breakpoint
CREATE UNIQUE INDEX "certificates_issued_by_code" ON "certificates_issued" ("verification_code");
--> statement-breakpoint
CREATE UNIQUE INDEX "certificates_issued_by_uvci" ON "certificates_issued" ("uvci");
--> statement-breakpoint
CREATE INDEX "certificates_issued_by_subject" ON "certificates_issued" ("subject", "issued_at");
--> statement-breakpoint
CREATE TABLE "certificate_numbers" (
  "series" text PRIMARY KEY,
  "last" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "certificate_revocations" (
  -- Canonical UVCI, or a document's number.
  "reference" text PRIMARY KEY,
  "revoked_at" timestamptz NOT NULL,
  "reason" text NOT NULL CHECK ("reason" IN ('corrected', 'entered_in_error', 'issued_in_error'))
);
--> statement-breakpoint
CREATE INDEX "certificate_revocations_by_date" ON "certificate_revocations" ("revoked_at");
