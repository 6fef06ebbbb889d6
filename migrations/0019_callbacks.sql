-- Callbacks: a practitioner books when they are called. Places of a slot, and one live callback a case, are unique indexes.
CREATE TABLE "callbacks" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "case_id" bigint NOT NULL REFERENCES "cases" ("id"),
  "hotline_id" text NOT NULL,
  "starts_at" timestamptz NOT NULL,
  "ends_at" timestamptz NOT NULL,
  "place" smallint NOT NULL CHECK ("place" > 0),
  "zone" text NOT NULL,
  "state" text NOT NULL DEFAULT 'booked'
    CHECK ("state" IN ('booked', 'changed', 'cancelled', 'reached', 'missed', 'moved', 'withdrawn', 'settled')),
  "replaces" bigint REFERENCES "callbacks" ("id"),
  "raised_from" smallint CHECK ("raised_from" BETWEEN 0 AND 3),
  "booked_at" timestamptz NOT NULL,
  "ended_at" timestamptz,
  CONSTRAINT "callbacks_end_after_they_start" CHECK ("starts_at" < "ends_at"),
  CONSTRAINT "callbacks_booked_have_no_end" CHECK (("state" = 'booked') = ("ended_at" IS NULL))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "callbacks_places" ON "callbacks" ("hotline_id", "starts_at", "place") WHERE "state" = 'booked';
--> statement-breakpoint
CREATE UNIQUE INDEX "callbacks_one_live" ON "callbacks" ("case_id") WHERE "state" = 'booked';
--> statement-breakpoint
CREATE INDEX "callbacks_day" ON "callbacks" ("hotline_id", "starts_at");
--> statement-breakpoint
CREATE INDEX "callbacks_case" ON "callbacks" ("case_id", "id");
--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "callback_at" timestamptz;
