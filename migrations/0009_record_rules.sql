-- Vaccines and dose rules: dated rows, loaded with what is known of the campaign. Periods are half-open, in days of
-- Europe/Paris. `origin` tells what a source gives from what is general knowledge, still to be verified.

CREATE TABLE "vaccines" (
  "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "vaccine" text NOT NULL CHECK ("vaccine" ~ '^[a-z][a-z0-9-]{0,39}$'),
  "name" text NOT NULL CHECK ("name" <> ''),
  "ema_number" text NOT NULL CHECK ("ema_number" ~ '^EU/1/[0-9]{2}/[0-9]{3,4}$'),
  "maker" text NOT NULL CHECK ("maker" <> ''),
  "maker_code" text CHECK ("maker_code" ~ '^ORG-[0-9]{9}$'),
  "prophylaxis" text NOT NULL CHECK ("prophylaxis" ~ '^[0-9]{6,18}$'),
  "atc" text NOT NULL CHECK ("atc" ~ '^[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}$'),
  "origin" text NOT NULL CHECK ("origin" IN ('source', 'general_knowledge')),
  "valid_from" date,
  "valid_to" date,
  CHECK ("valid_from" < "valid_to"),
  CONSTRAINT "one_vaccine_row_at_a_time" EXCLUDE USING gist (
    text_span("vaccine", "vaccine", '[]') WITH &&,
    daterange("valid_from", "valid_to") WITH &&
  )
);
--> statement-breakpoint
-- No fact gives any: whoever runs the service enters those of the boxes in use.
CREATE TABLE "vaccine_gtins" (
  "gtin" text PRIMARY KEY CHECK ("gtin" ~ '^[0-9]{14}$'),
  "vaccine" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dose_rules" (
  "id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "rule" text NOT NULL CHECK ("rule" ~ '^[a-z][a-z0-9-]{0,59}$'),
  "kind" text NOT NULL CHECK (
    "kind" IN (
      'minimum_interval', 'maximum_interval', 'course', 'after_infection', 'booster_interval', 'mixed_vaccines',
      'minimum_age', 'same_day', 'rank_repeated', 'rank_skipped', 'earlier_event', 'contraindicated', 'deferred'
    )
  ),
  "severity" text NOT NULL CHECK ("severity" IN ('info', 'warning', 'serious')),
  "parameters" jsonb NOT NULL,
  "vaccines" text[],
  "source" text NOT NULL CHECK ("source" <> ''),
  "origin" text NOT NULL CHECK ("origin" IN ('source', 'general_knowledge')),
  "valid_from" date NOT NULL,
  "valid_to" date,
  CHECK ("valid_from" < "valid_to"),
  CONSTRAINT "one_dose_rule_row_at_a_time" EXCLUDE USING gist (
    text_span("rule", "rule", '[]') WITH &&,
    daterange("valid_from", "valid_to") WITH &&
  )
);
--> statement-breakpoint
CREATE INDEX "dose_rules_rule" ON "dose_rules" ("rule", "valid_from");
--> statement-breakpoint
-- Makers' codes are in the order in which the facts give them. The day from which each could be given is not among
-- them: unbound, until somebody enters it. ATC codes of other than mRNA vaccines are general knowledge.
INSERT INTO "vaccines" ("vaccine", "name", "ema_number", "maker", "maker_code", "prophylaxis", "atc", "origin") VALUES
  ('comirnaty', 'Comirnaty', 'EU/1/20/1528', 'Biontech Manufacturing GmbH', 'ORG-100030215', '1119349007', 'J07BN01', 'source'),
  ('spikevax', 'Spikevax', 'EU/1/20/1507', 'Moderna Biotech Spain S.L.', 'ORG-100031184', '1119349007', 'J07BN01', 'source'),
  ('vaxzevria', 'Vaxzevria', 'EU/1/21/1529', 'AstraZeneca AB', 'ORG-100001699', '29061000087103', 'J07BN02', 'source'),
  ('jcovden', 'Jcovden', 'EU/1/20/1525', 'Janssen-Cilag International', 'ORG-100001417', '29061000087103', 'J07BN02', 'source'),
  ('nuvaxovid', 'Nuvaxovid', 'EU/1/21/1618', 'Novavax CZ a.s.', NULL, '1119305005', 'J07BN04', 'general_knowledge'),
  ('vidprevtyn-beta', 'VidPrevtyn Beta', 'EU/1/21/1580', 'Sanofi Pasteur', NULL, '1119305005', 'J07BN04', 'general_knowledge');
--> statement-breakpoint
-- From the day the teleservice opened (4 January 2021). The days on which the booster went from 5 to 3 months, and
-- from which one dose was enough after an infection, are general knowledge. No fact gives a minimum age: no rule.
INSERT INTO "dose_rules"
  ("rule", "kind", "severity", "parameters", "vaccines", "source", "origin", "valid_from", "valid_to") VALUES
  ('mrna-not-before', 'minimum_interval', 'warning', '{"days":21}', '{comirnaty,spikevax}', 'Campagne nationale de vaccination', 'source', '2021-01-04', NULL),
  ('mrna-not-after', 'maximum_interval', 'info', '{"days":49}', '{comirnaty,spikevax}', 'Campagne nationale de vaccination', 'source', '2021-01-04', NULL),
  ('vaxzevria-not-before', 'minimum_interval', 'warning', '{"days":63}', '{vaxzevria}', 'Campagne nationale de vaccination', 'source', '2021-01-04', NULL),
  ('vaxzevria-not-after', 'maximum_interval', 'info', '{"days":84}', '{vaxzevria}', 'Campagne nationale de vaccination', 'source', '2021-01-04', NULL),
  ('course-of-one', 'course', 'info', '{"doses":1}', '{jcovden}', 'Campagne nationale de vaccination', 'source', '2021-01-04', NULL),
  ('course-of-two', 'course', 'info', '{"doses":2}', '{comirnaty,spikevax,vaxzevria}', 'Campagne nationale de vaccination', 'source', '2021-01-04', NULL),
  ('after-infection', 'after_infection', 'info', '{"doses":1}', NULL, 'Campagne nationale de vaccination', 'general_knowledge', '2021-02-12', NULL),
  ('booster', 'booster_interval', 'warning', '{"months":5}', NULL, 'Campagne nationale de vaccination', 'general_knowledge', '2021-11-27', '2021-12-28'),
  ('booster', 'booster_interval', 'warning', '{"months":3}', NULL, 'Campagne nationale de vaccination', 'general_knowledge', '2021-12-28', NULL),
  ('mixed-vaccines', 'mixed_vaccines', 'warning', '{}', NULL, 'Campagne nationale de vaccination', 'source', '2021-01-04', NULL),
  ('same-day', 'same_day', 'serious', '{}', NULL, 'Aiguillage', 'source', '2021-01-04', NULL),
  ('rank-repeated', 'rank_repeated', 'warning', '{}', NULL, 'Aiguillage', 'source', '2021-01-04', NULL),
  ('rank-skipped', 'rank_skipped', 'info', '{}', NULL, 'Aiguillage', 'source', '2021-01-04', NULL),
  ('earlier-event', 'earlier_event', 'warning', '{}', NULL, 'Aiguillage', 'source', '2021-01-04', NULL),
  ('contraindicated', 'contraindicated', 'serious', '{}', NULL, 'Aiguillage', 'source', '2021-01-04', NULL),
  ('deferred', 'deferred', 'warning', '{}', NULL, 'Aiguillage', 'source', '2021-01-04', NULL);
