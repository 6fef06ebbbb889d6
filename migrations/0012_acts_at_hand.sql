-- What waits for somebody's validation, and the doses of a day where no site's number tells the place.

CREATE INDEX "injections_unvalidated" ON "injections" ("performed_by")
  WHERE "validated_by" IS NULL AND "state" = 'recorded';
--> statement-breakpoint
CREATE INDEX "consultations_unvalidated" ON "consultations" ("performed_by")
  WHERE "validated_by" IS NULL AND "state" = 'recorded';
--> statement-breakpoint
CREATE INDEX "injections_entered_here" ON "injections" ("entered_by", "day") WHERE "place_finess" IS NULL;
