-- Who consents for a patient, and in what capacity, stood in one column as « name — capacity »: the capacity has its own
-- now, and the name is alone. What is not of that form stays whole with the name, and so does what a server of the version
-- before writes while it is being replaced.

ALTER TABLE "consultations" ADD COLUMN "representative_capacity" text;
--> statement-breakpoint
-- At the last dash: a name may hold one.
UPDATE "consultations" SET
  "representative" = substring("representative" from '^(.*) — '),
  "representative_capacity" = substring("representative" from '^.* — (.*)$')
WHERE "representative_capacity" IS NULL AND "representative" ~ '^.*\S.* — .*\S';
