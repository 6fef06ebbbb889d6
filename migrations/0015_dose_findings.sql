-- A dose after the vaccination was declined, and one that merged records hold twice, are told.

ALTER TABLE "dose_rules" DROP CONSTRAINT "dose_rules_kind_check";
--> statement-breakpoint
ALTER TABLE "dose_rules" ADD CONSTRAINT "dose_rules_kind_check" CHECK (
  "kind" IN (
    'minimum_interval', 'maximum_interval', 'course', 'after_infection', 'booster_interval', 'mixed_vaccines',
    'minimum_age', 'same_day', 'rank_repeated', 'rank_skipped', 'earlier_event', 'contraindicated', 'deferred',
    'opposed', 'entered_twice'
  )
);
--> statement-breakpoint
INSERT INTO "dose_rules"
  ("rule", "kind", "severity", "parameters", "vaccines", "source", "origin", "valid_from", "valid_to") VALUES
  ('opposed', 'opposed', 'serious', '{}', NULL, 'Aiguillage', 'source', '2021-01-04', NULL),
  ('entered-twice', 'entered_twice', 'warning', '{}', NULL, 'Aiguillage', 'source', '2021-01-04', NULL);
