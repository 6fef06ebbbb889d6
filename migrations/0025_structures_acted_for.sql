-- What the structures that professionals act for are called: the log of accesses keeps their numbers, for ever as they
-- were; who reads it is told their names, as they were when the access was made.

CREATE TABLE "structures_acted_for" (
  "professional_id" uuid NOT NULL REFERENCES "professionals" ("id"),
  "number" text NOT NULL CHECK ("number" <> ''),
  "since" timestamptz NOT NULL,
  "name" text NOT NULL CHECK ("name" <> ''),
  PRIMARY KEY ("professional_id", "number", "since")
);
--> statement-breakpoint
-- Of the sessions that there are.
INSERT INTO "structures_acted_for" ("professional_id", "number", "since", "name")
SELECT DISTINCT ON ("professional_id", "number", "created_at") "professional_id", "number", "created_at", "name"
FROM "professional_sessions",
  LATERAL (
    SELECT "acting_as" -> 'structure' ->> 'name' AS "name",
      coalesce("acting_as" -> 'structure' ->> 'siteFiness', "acting_as" -> 'structure' ->> 'legalFiness',
        "acting_as" -> 'structure' ->> 'siret') AS "number"
  ) AS "structure"
WHERE "name" <> '' AND "number" <> '';
