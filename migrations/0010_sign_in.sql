-- Sign-ins of professionals on their way, and who may do what in the records.

CREATE TABLE "sign_in_attempts" (
  -- SHA-256 of "state", as is "browser" of the cookie's secret.
  "id" text PRIMARY KEY,
  "browser" text NOT NULL,
  "issuer" text NOT NULL,
  "nonce" text NOT NULL,
  "verifier" text NOT NULL,
  "return_to" text NOT NULL,
  "created_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE INDEX "sign_in_attempts_created" ON "sign_in_attempts" ("created_at");
--> statement-breakpoint
CREATE TABLE "professional_rights" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "right" text NOT NULL,
  -- TRE_G15 code; "any" for every known profession, "none" for staff who have none.
  "profession" text NOT NULL CHECK ("profession" ~ '^([0-9]{2}|any|none)$'),
  "category" text CHECK ("category" IN ('C', 'M', 'E')),
  "mode" text CHECK ("mode" IN ('L', 'S', 'B')),
  "by_delegation" boolean NOT NULL DEFAULT false,
  "origin" text NOT NULL CHECK ("origin" IN ('notice', 'domain', 'default', 'operator')),
  "valid_from" timestamptz NOT NULL,
  "valid_to" timestamptz CHECK ("valid_to" > "valid_from")
);
--> statement-breakpoint
-- The notice says what is done in the teleservice by "health professionals", and names no profession. That doctors,
-- pharmacists, dentists, midwives and nurses are those who do it is a default of this product, to be reviewed by
-- whoever runs it, as is everything else here but two facts: entry can be delegated [notice], and students in
-- medicine, pharmacy, dentistry and midwifery are registered, nursing students are not, so that their entry is
-- delegated [esante.gouv.fr]. The teleservice opened on 4 January 2021 [notice].
INSERT INTO "professional_rights" ("right", "profession", "category", "origin", "valid_from")
SELECT "right", "profession", "category", 'default', '2021-01-04T00:00:00+01:00'
FROM unnest(ARRAY[
  'patient.read', 'patient.write', 'consultation.record', 'injection.record', 'record.validate',
  'adverse_event.declare', 'delegation.give', 'entry.on_behalf', 'summary.sign'
]) AS "right", unnest(ARRAY['10', '21', '40', '50', '60']) AS "profession", unnest(ARRAY['C', 'M']) AS "category";
--> statement-breakpoint
-- Files of a whole centre: those who usually answer for one.
INSERT INTO "professional_rights" ("right", "profession", "category", "origin", "valid_from")
SELECT 'record.import', "profession", "category", 'default', '2021-01-04T00:00:00+01:00'
FROM unnest(ARRAY['10', '21', '60']) AS "profession", unnest(ARRAY['C', 'M']) AS "category";
--> statement-breakpoint
-- Merging files and watching over those of an establishment: salaried doctors and pharmacists.
INSERT INTO "professional_rights" ("right", "profession", "category", "mode", "origin", "valid_from")
SELECT 'records.supervise', "profession", "category", 'S', 'default', '2021-01-04T00:00:00+01:00'
FROM unnest(ARRAY['10', '21']) AS "profession", unnest(ARRAY['C', 'M']) AS "category";
--> statement-breakpoint
-- In training: what is recorded waits for somebody's validation.
INSERT INTO "professional_rights" ("right", "profession", "category", "origin", "valid_from")
SELECT "right", "profession", 'E', 'domain', '2021-01-04T00:00:00+01:00'
FROM unnest(ARRAY['patient.read', 'patient.write', 'consultation.record', 'injection.record', 'entry.on_behalf']) AS "right",
  unnest(ARRAY['10', '21', '40', '50']) AS "profession";
--> statement-breakpoint
-- Any health professional may declare what they see.
INSERT INTO "professional_rights" ("right", "profession", "origin", "valid_from")
VALUES ('adverse_event.declare', 'any', 'default', '2021-01-04T00:00:00+01:00');
--> statement-breakpoint
-- Other professions, and staff without one, enter what a professional delegated to them, and only that.
INSERT INTO "professional_rights" ("right", "profession", "by_delegation", "origin", "valid_from")
SELECT "right", "profession", true, 'notice', '2021-01-04T00:00:00+01:00'
FROM unnest(ARRAY['patient.read', 'patient.write', 'entry.on_behalf']) AS "right",
  unnest(ARRAY['any', 'none']) AS "profession";
