-- Which FINESS numbers the directory in use names, sites and legal entities alike: each import writes them anew.

CREATE TABLE "directory_structures" (
  "finess" text PRIMARY KEY
);
--> statement-breakpoint
-- Of the directory that is in use already.
INSERT INTO "directory_structures" ("finess")
SELECT DISTINCT upper("number") FROM "directory_activities",
  LATERAL (VALUES ("site_finess"), ("legal_finess")) AS "named" ("number")
WHERE upper("number") ~ '^[0-9][0-9A-Z][0-9]{7}$';
