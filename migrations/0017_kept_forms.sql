-- What was typed in a form that came after its professional's session had ended: sealed, theirs alone, gone within half an hour.
CREATE TABLE "kept_forms" (
  "id" uuid PRIMARY KEY,
  "professional_id" uuid NOT NULL REFERENCES "professionals" ("id") ON DELETE CASCADE,
  "kept_at" timestamptz NOT NULL,
  "key_id" text NOT NULL,
  -- AES-256-GCM: nonce, cipher text, tag.
  "sealed" bytea NOT NULL CHECK (octet_length("sealed") > 28)
);
--> statement-breakpoint
CREATE INDEX "kept_forms_professional" ON "kept_forms" ("professional_id", "kept_at");
--> statement-breakpoint
CREATE INDEX "kept_forms_kept" ON "kept_forms" ("kept_at");
