-- Rows of centres' files that were refused are kept sealed for a while, to be given back and corrected.

CREATE INDEX "record_import_rows_sealed" ON "record_import_rows" ("key_id") WHERE "sealed" IS NOT NULL;
--> statement-breakpoint
-- By which an injection that leaves its table finds the row that made it.
CREATE INDEX "record_import_rows_injection" ON "record_import_rows" ("injection_id") WHERE "injection_id" IS NOT NULL;
