-- What waits for the validation of whoever answers for it: a delegate's adverse events by their declarer, and what was
-- done by people in training by its site.

CREATE INDEX "adverse_events_unvalidated" ON "adverse_events" ("performed_by")
  WHERE "validated_by" IS NULL AND "state" = 'recorded';
--> statement-breakpoint
CREATE INDEX "adverse_events_waiting_at" ON "adverse_events" ("place_finess")
  WHERE "validated_by" IS NULL AND "state" = 'recorded' AND "delegation_id" IS NULL;
--> statement-breakpoint
CREATE INDEX "consultations_waiting_at" ON "consultations" ("place_finess")
  WHERE "validated_by" IS NULL AND "state" = 'recorded' AND "delegation_id" IS NULL;
--> statement-breakpoint
CREATE INDEX "injections_waiting_at" ON "injections" ("place_finess")
  WHERE "validated_by" IS NULL AND "state" = 'recorded' AND "delegation_id" IS NULL;
