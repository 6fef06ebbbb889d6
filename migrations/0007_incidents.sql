-- Incidents: the whole service is down. Who is told, which cases belong to one, and the mails that say that it is over.
CREATE TABLE "incidents" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "version" integer NOT NULL DEFAULT 1,
  "title_fr" text NOT NULL,
  "message_fr" text NOT NULL,
  "title_en" text,
  "message_en" text,
  "ways" text[] NOT NULL,
  "symptoms" text[] NOT NULL,
  "expected_end" timestamptz,
  "opened_at" timestamptz NOT NULL,
  "opened_by" uuid NOT NULL REFERENCES "agents" ("id"),
  "closed_at" timestamptz,
  "closed_by" uuid REFERENCES "agents" ("id"),
  CONSTRAINT "incidents_closed_by_somebody" CHECK (("closed_at" IS NULL) = ("closed_by" IS NULL))
);
--> statement-breakpoint
CREATE INDEX "incidents_open" ON "incidents" ("id") WHERE "closed_at" IS NULL;
--> statement-breakpoint
CREATE INDEX "incidents_closed" ON "incidents" ("closed_at") WHERE "closed_at" IS NOT NULL;
--> statement-breakpoint
CREATE TABLE "incident_changes" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "incident_id" bigint NOT NULL REFERENCES "incidents" ("id"),
  "kind" text NOT NULL CHECK ("kind" IN ('opened', 'edited', 'closed', 'reopened')),
  "version" integer NOT NULL,
  "at" timestamptz NOT NULL,
  "agent_id" uuid NOT NULL REFERENCES "agents" ("id"),
  "fields" jsonb NOT NULL
);
--> statement-breakpoint
CREATE INDEX "incident_changes_incident" ON "incident_changes" ("incident_id", "id");
--> statement-breakpoint
CREATE TABLE "incident_subscriptions" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "incident_id" bigint NOT NULL REFERENCES "incidents" ("id"),
  "email" text,
  "language" text NOT NULL,
  "token" text NOT NULL UNIQUE,
  "created_at" timestamptz NOT NULL,
  "unsubscribed_at" timestamptz
);
--> statement-breakpoint
CREATE UNIQUE INDEX "incident_subscriptions_once" ON "incident_subscriptions" ("incident_id", lower("email"));
--> statement-breakpoint
CREATE TABLE "incident_notices" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "incident_id" bigint NOT NULL REFERENCES "incidents" ("id"),
  "email" text,
  "language" text NOT NULL,
  "case_id" bigint REFERENCES "cases" ("id"),
  "subscription_id" bigint REFERENCES "incident_subscriptions" ("id"),
  "state" text NOT NULL DEFAULT 'planned'
    CHECK ("state" IN ('planned', 'sending', 'sent', 'cancelled', 'failed')),
  "attempts" smallint NOT NULL DEFAULT 0,
  "sending_since" timestamptz,
  "sent_at" timestamptz,
  "failure" text,
  CONSTRAINT "incident_notices_for_somebody" CHECK (num_nonnulls("case_id", "subscription_id") > 0)
);
--> statement-breakpoint
-- What makes it one mail: an address that asked to be told, and has several linked cases, has one notice of an incident.
CREATE UNIQUE INDEX "incident_notices_once" ON "incident_notices" ("incident_id", lower("email"));
--> statement-breakpoint
CREATE INDEX "incident_notices_to_send" ON "incident_notices" ("incident_id", "id")
  WHERE "state" IN ('planned', 'sending');
--> statement-breakpoint
CREATE TABLE "symptom_counts" (
  "bucket" timestamptz NOT NULL,
  "way" text NOT NULL,
  "symptom" text NOT NULL,
  "sessions" integer NOT NULL,
  PRIMARY KEY ("bucket", "way", "symptom")
);
--> statement-breakpoint
CREATE TABLE "incident_suggestions" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "fact" text NOT NULL CHECK ("fact" IN ('way', 'symptom')),
  "value" text NOT NULL,
  "since" timestamptz NOT NULL,
  "count" integer NOT NULL,
  "usual" double precision NOT NULL,
  "raised_at" timestamptz NOT NULL,
  "seen_at" timestamptz NOT NULL,
  "ended_at" timestamptz,
  "dismissed_at" timestamptz,
  "dismissed_by" uuid REFERENCES "agents" ("id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "incident_suggestions_once" ON "incident_suggestions" ("fact", "value")
  WHERE "ended_at" IS NULL;
--> statement-breakpoint
CREATE TABLE "incident_mail_pace" (
  "id" smallint PRIMARY KEY,
  "allowance" double precision NOT NULL,
  "at" timestamptz NOT NULL
);
--> statement-breakpoint
INSERT INTO "incident_mail_pace" ("id", "allowance", "at") VALUES (1, 0, '2000-01-01T00:00:00Z');
--> statement-breakpoint
-- The way in and the symptom that a case came with, as its answers told them, and the incident it belongs to.
ALTER TABLE "cases" ADD COLUMN "way" text, ADD COLUMN "symptom" text,
  ADD COLUMN "incident_id" bigint REFERENCES "incidents" ("id");
--> statement-breakpoint
CREATE INDEX "cases_incident" ON "cases" ("incident_id") WHERE "incident_id" IS NOT NULL;
--> statement-breakpoint
-- Cases that are open as this is applied: read from their trail, whose identifiers were these until now.
UPDATE "cases" SET
  "way" = (
    SELECT CASE WHEN step ->> 'answer' = 'card' THEN 'card' ELSE 'ecps' END
    FROM jsonb_array_elements("trail") step
    WHERE step ->> 'node' IN ('way', 'ways_explained') AND step ->> 'answer' IN ('card', 'ecps', 'neither')
    LIMIT 1),
  "symptom" = (
    SELECT told.symptom
    FROM jsonb_array_elements("trail") step
    JOIN (VALUES
      ('ways_explained', 'neither', 'never_activated'), ('problem', 'never_activated', 'never_activated'),
      ('problem', 'name', 'name_changed'), ('problem', 'everyone', 'everything_down'), ('problem', 'no_rpps', 'no_rpps'),
      ('problem', 'other', 'other'), ('code_missing', 'sms', 'code_sms'), ('code_missing', 'email', 'code_email'),
      ('code_missing', 'both', 'code_both'), ('app_trouble', 'identifier', 'identifier_refused'),
      ('app_trouble', 'qr', 'qr_not_read'), ('app_trouble', 'expired', 'ecps_expired'), ('app_trouble', 'fails', 'login_fails'),
      ('card_trouble', 'not_recognised', 'card_not_recognised'), ('card_trouble', 'pin', 'pin_blocked'),
      ('card_trouble', 'lost', 'card_lost'), ('what_changed', 'phone', 'new_phone'),
      ('what_changed', 'contacts', 'new_contacts'), ('what_changed', 'name', 'name_changed'),
      ('access_trouble', 'signed_in', 'after_sign_in'), ('access_trouble', 'page', 'page_does_not_open'),
      ('access_trouble', 'wrong_site', 'wrong_site')
    ) AS told (node, answer, symptom) ON told.node = step ->> 'node' AND told.answer = step ->> 'answer'
    LIMIT 1)
WHERE "state" IN ('waiting', 'in_progress', 'pending');
