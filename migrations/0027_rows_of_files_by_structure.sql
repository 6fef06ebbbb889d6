-- The identifiers of a file's rows are those of the structure acted for, or of the professional who acts for none that has
-- a number: two practices that called their centres the same were taken for one.

ALTER TABLE "record_imports" ADD COLUMN "acting_for" text;
--> statement-breakpoint
UPDATE "record_imports" SET "acting_for" = coalesce(
  'structure:' || nullif("acting_as" #>> '{structure,siteFiness}', ''),
  'structure:' || nullif("acting_as" #>> '{structure,legalFiness}', ''),
  'structure:' || nullif("acting_as" #>> '{structure,siret}', ''),
  'professional:' || "imported_by");
--> statement-breakpoint
ALTER TABLE "record_imports" ALTER COLUMN "acting_for" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "record_import_rows" ADD COLUMN "acting_for" text;
--> statement-breakpoint
UPDATE "record_import_rows" SET "acting_for" = "record_imports"."acting_for"
  FROM "record_imports" WHERE "record_imports"."id" = "import_id";
--> statement-breakpoint
ALTER TABLE "record_import_rows" ALTER COLUMN "acting_for" SET NOT NULL;
--> statement-breakpoint
DROP INDEX "record_import_rows_once";
--> statement-breakpoint
CREATE UNIQUE INDEX "record_import_rows_once" ON "record_import_rows" ("acting_for", "centre", "row_id")
  WHERE "state" = 'recorded';
