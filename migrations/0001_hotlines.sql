-- Hotlines, their opening hours and the rules that choose between them: dated rows, seeded with the notice.
-- Every period is half-open [valid_from, valid_to) in dates of the hotline's own zone; null does not bind.

-- Equality on text or time inside an exclusion constraint, without the btree_gist extension: a range of one point.
CREATE TYPE "text_span" AS RANGE (SUBTYPE = text);
--> statement-breakpoint
CREATE TYPE "time_span" AS RANGE (SUBTYPE = time);
--> statement-breakpoint
CREATE TABLE "hotlines" (
  "id" text PRIMARY KEY CHECK ("id" ~ '^[a-z][a-z0-9-]{0,39}$'),
  "position" smallint NOT NULL UNIQUE,
  "name_fr" text NOT NULL CHECK ("name_fr" <> ''),
  "name_en" text NOT NULL CHECK ("name_en" <> ''),
  -- As people read it and dial it from France: a short code has no international form.
  "phone" text NOT NULL CHECK ("phone" ~ '^[0-9+][0-9 ]*$'),
  "phone_e164" text CHECK ("phone_e164" ~ '^\+[1-9][0-9]{3,14}$'),
  "cost_fr" text NOT NULL CHECK ("cost_fr" <> ''),
  "cost_en" text NOT NULL CHECK ("cost_en" <> ''),
  "zone" text NOT NULL DEFAULT 'Europe/Paris',
  "holiday_calendar" text NOT NULL DEFAULT 'metropole' CHECK (
    "holiday_calendar" IN ('metropole', 'alsace_moselle', 'guadeloupe', 'guyane', 'martinique', 'mayotte', 'reunion')
  ),
  "valid_from" date,
  "valid_to" date,
  CHECK ("valid_from" < "valid_to")
);
--> statement-breakpoint
-- The week that holds over a period. A date that no timetable covers has unknown hours: neither open nor closed.
CREATE TABLE "hotline_timetables" (
  "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "hotline_id" text NOT NULL REFERENCES "hotlines" ("id") ON DELETE CASCADE,
  "holidays" text NOT NULL CHECK ("holidays" IN ('open', 'closed')),
  "valid_from" date,
  "valid_to" date,
  CHECK ("valid_from" < "valid_to"),
  CONSTRAINT "one_timetable_at_a_time" EXCLUDE USING gist (
    text_span("hotline_id", "hotline_id", '[]') WITH &&,
    daterange("valid_from", "valid_to") WITH &&
  )
);
--> statement-breakpoint
-- An interval past midnight takes two rows: 20:00 to 24:00, then 00:00 to 06:00 on the next weekday.
CREATE TABLE "timetable_intervals" (
  "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "timetable_id" integer NOT NULL REFERENCES "hotline_timetables" ("id") ON DELETE CASCADE,
  "weekday" smallint NOT NULL CHECK ("weekday" BETWEEN 1 AND 7),
  "opens_at" time NOT NULL CHECK (extract(second FROM "opens_at") = 0),
  "closes_at" time NOT NULL CHECK (extract(second FROM "closes_at") = 0),
  CHECK ("opens_at" < "closes_at"),
  CONSTRAINT "no_overlap_in_a_weekday" EXCLUDE USING gist (
    int4range("timetable_id", "timetable_id", '[]') WITH &&,
    int4range("weekday", "weekday", '[]') WITH &&,
    time_span("opens_at", "closes_at") WITH &&
  )
);
--> statement-breakpoint
-- A day unlike the others (a strike, an open Sunday). Without intervals the line is closed all day.
CREATE TABLE "hotline_exceptions" (
  "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "hotline_id" text NOT NULL REFERENCES "hotlines" ("id") ON DELETE CASCADE,
  "day" date NOT NULL,
  "note_fr" text NOT NULL CHECK ("note_fr" <> ''),
  "note_en" text NOT NULL CHECK ("note_en" <> ''),
  UNIQUE ("hotline_id", "day")
);
--> statement-breakpoint
CREATE TABLE "exception_intervals" (
  "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "exception_id" integer NOT NULL REFERENCES "hotline_exceptions" ("id") ON DELETE CASCADE,
  "opens_at" time NOT NULL CHECK (extract(second FROM "opens_at") = 0),
  "closes_at" time NOT NULL CHECK (extract(second FROM "closes_at") = 0),
  CHECK ("opens_at" < "closes_at"),
  CONSTRAINT "no_overlap_in_an_exception" EXCLUDE USING gist (
    int4range("exception_id", "exception_id", '[]') WITH &&,
    time_span("opens_at", "closes_at") WITH &&
  )
);
--> statement-breakpoint
-- The first rule in force whose criteria all hold decides; a rule without criteria is the default.
CREATE TABLE "routing_rules" (
  "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "position" smallint NOT NULL,
  "setting" text CHECK ("setting" IN ('establishment', 'vaccination_centre', 'practice', 'other')),
  "mode" text CHECK ("mode" IN ('L', 'S', 'B')),
  "profession" text CHECK ("profession" <> ''),
  "hotline_id" text NOT NULL REFERENCES "hotlines" ("id"),
  "origin" text NOT NULL CHECK ("origin" IN ('notice', 'default')),
  "valid_from" date,
  "valid_to" date,
  CHECK ("valid_from" < "valid_to"),
  CHECK ("origin" = 'default' OR num_nonnulls("setting", "mode", "profession") > 0),
  CONSTRAINT "one_rule_per_position" EXCLUDE USING gist (
    int4range("position", "position", '[]') WITH &&,
    daterange("valid_from", "valid_to") WITH &&
  ),
  CONSTRAINT "one_default_at_a_time" EXCLUDE USING gist (daterange("valid_from", "valid_to") WITH &&)
    WHERE (num_nonnulls("setting", "mode", "profession") = 0)
);
--> statement-breakpoint
INSERT INTO "hotlines" ("id", "position", "name_fr", "name_en", "phone", "cost_fr", "cost_en") VALUES
  (
    'etablissements',
    1,
    'Établissements, centres de vaccination et professionnels salariés',
    'Establishments, vaccination centres and salaried professionals',
    '0 800 08 12 07',
    'Service et appel gratuits',
    'Free service, free call'
  ),
  (
    'liberaux',
    2,
    'Assurance Maladie, professionnels libéraux',
    'Assurance Maladie, independent professionals',
    '3608',
    'Service gratuit + prix d’un appel',
    'Free service + price of a call'
  );
--> statement-breakpoint
-- The notice: 7 days a week, public holidays included, 9h to 20h. It gives no hours for 3608: no timetable.
WITH "timetable" AS (
  INSERT INTO "hotline_timetables" ("hotline_id", "holidays") VALUES ('etablissements', 'open') RETURNING "id"
)
INSERT INTO "timetable_intervals" ("timetable_id", "weekday", "opens_at", "closes_at")
SELECT "timetable"."id", "weekday", '09:00', '20:00' FROM "timetable", generate_series(1, 7) AS "weekday";
--> statement-breakpoint
-- The place somebody connects for decides first, then how they practise. What the notice does not name is ours.
INSERT INTO "routing_rules" ("position", "setting", "mode", "hotline_id", "origin") VALUES
  (10, 'establishment', NULL, 'etablissements', 'notice'),
  (20, 'vaccination_centre', NULL, 'etablissements', 'notice'),
  (30, NULL, 'S', 'etablissements', 'notice'),
  (40, NULL, 'L', 'liberaux', 'notice'),
  (1000, NULL, NULL, 'etablissements', 'default');
