-- Professionals who sign in with a CPS card or an e-CPS, and their sessions.

CREATE TABLE "professionals" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "national_identifier" text NOT NULL UNIQUE,
  "rpps" text CHECK ("rpps" ~ '^[0-9]{11}$'),
  "family_name" text NOT NULL,
  "given_names" text NOT NULL,
  "profession" text,
  "category" text,
  "known_since" timestamptz NOT NULL,
  "last_sign_in_at" timestamptz,
  "last_exercise" text
);
--> statement-breakpoint
CREATE TABLE "professional_sessions" (
  -- SHA-256 of the cookie's secret.
  "id" text PRIMARY KEY,
  "professional_id" uuid NOT NULL REFERENCES "professionals" ("id"),
  "issuer" text NOT NULL,
  "exercises" jsonb NOT NULL,
  "acting_as" jsonb,
  -- Sealed.
  "tokens" bytea NOT NULL,
  "created_at" timestamptz NOT NULL,
  "last_seen_at" timestamptz NOT NULL,
  "expires_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE INDEX "professional_sessions_professional" ON "professional_sessions" ("professional_id");
