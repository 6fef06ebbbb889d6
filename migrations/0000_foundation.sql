-- Agents, wizard sessions, cases with their history, follow-ups and the outbox.
CREATE TABLE "agents" (
  "id" uuid PRIMARY KEY,
  "email" text NOT NULL UNIQUE CHECK ("email" = lower("email")),
  "name" text NOT NULL,
  "password_hash" text NOT NULL,
  "role" text NOT NULL DEFAULT 'agent' CHECK ("role" IN ('agent', 'supervisor')),
  "presence" text NOT NULL DEFAULT 'away' CHECK ("presence" IN ('available', 'away', 'wrap_up')),
  "presence_since" timestamptz NOT NULL,
  "capacity" smallint NOT NULL DEFAULT 5 CHECK ("capacity" >= 0),
  "active" boolean NOT NULL DEFAULT true
);
--> statement-breakpoint
CREATE TABLE "agent_hotlines" (
  "agent_id" uuid NOT NULL REFERENCES "agents" ("id"),
  "hotline_id" text NOT NULL,
  PRIMARY KEY ("agent_id", "hotline_id")
);
--> statement-breakpoint
CREATE TABLE "agent_sessions" (
  "id" text PRIMARY KEY,
  "agent_id" uuid NOT NULL REFERENCES "agents" ("id"),
  "created_at" timestamptz NOT NULL,
  "last_seen_at" timestamptz NOT NULL,
  "expires_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE INDEX "agent_sessions_agent" ON "agent_sessions" ("agent_id");
--> statement-breakpoint
CREATE TABLE "wizard_sessions" (
  "id" uuid PRIMARY KEY,
  "language" text NOT NULL,
  "flow" text NOT NULL,
  "flow_version" integer NOT NULL,
  "answers" jsonb NOT NULL,
  "version" integer NOT NULL DEFAULT 1,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE INDEX "wizard_sessions_updated" ON "wizard_sessions" ("updated_at");
--> statement-breakpoint
CREATE SEQUENCE "case_numbers" START WITH 100001;
--> statement-breakpoint
CREATE TABLE "cases" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "number" text NOT NULL UNIQUE DEFAULT ('VC-' || nextval('case_numbers')),
  "hotline_id" text NOT NULL,
  "state" text NOT NULL DEFAULT 'waiting'
    CHECK ("state" IN ('waiting', 'in_progress', 'pending', 'resolved', 'closed')),
  "priority_rank" smallint NOT NULL DEFAULT 2 CHECK ("priority_rank" BETWEEN 0 AND 3),
  "version" integer NOT NULL DEFAULT 1,
  "opened_at" timestamptz NOT NULL,
  "waiting_since" timestamptz NOT NULL,
  "returned_at" timestamptz,
  "resolved_at" timestamptz,
  "assignee_id" uuid REFERENCES "agents" ("id"),
  "assignee_slot" smallint CHECK ("assignee_slot" > 0),
  "merged_into" bigint REFERENCES "cases" ("id"),
  "contact_name" text NOT NULL,
  "contact_email" text,
  "contact_phone" text,
  "language" text NOT NULL,
  "rpps" text,
  "rpps_doubtful" boolean NOT NULL DEFAULT false,
  "profession" text,
  "mode" text CHECK ("mode" IN ('L', 'S', 'B')),
  "setting" text CHECK ("setting" IN ('establishment', 'vaccination_centre', 'practice', 'other')),
  "finess" text,
  "message" text,
  "follow_ups" boolean NOT NULL,
  "routing_reason" jsonb NOT NULL,
  -- No foreign key: a session is purged long before its case.
  "wizard_session_id" uuid NOT NULL,
  "flow" text NOT NULL,
  "flow_version" integer NOT NULL,
  "trail" jsonb NOT NULL,
  "summary" jsonb NOT NULL,
  "tracking_token" text NOT NULL UNIQUE,
  CONSTRAINT "cases_reachable" CHECK ("contact_email" IS NOT NULL OR "contact_phone" IS NOT NULL),
  -- A case in progress is somebody's and takes one of their places; a waiting one is nobody's.
  CONSTRAINT "cases_in_progress_is_assigned"
    CHECK (("state" = 'in_progress') = ("assignee_slot" IS NOT NULL)
      AND ("assignee_slot" IS NULL OR "assignee_id" IS NOT NULL)),
  CONSTRAINT "cases_waiting_is_unassigned" CHECK ("state" <> 'waiting' OR "assignee_id" IS NULL)
);
--> statement-breakpoint
-- A trail is read a few times and written once: compressing it costs more than the disk it saves.
ALTER TABLE "cases" ALTER COLUMN "trail" SET STORAGE EXTERNAL;
--> statement-breakpoint
CREATE UNIQUE INDEX "cases_one_per_wizard_session" ON "cases" ("wizard_session_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "cases_assignee_capacity" ON "cases" ("assignee_id", "assignee_slot")
  WHERE "assignee_slot" IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "cases_queue" ON "cases"
  ("hotline_id", "returned_at" ASC NULLS LAST, "priority_rank", "waiting_since", "id")
  WHERE "state" = 'waiting';
--> statement-breakpoint
CREATE INDEX "cases_open" ON "cases" ("hotline_id", "state")
  WHERE "state" IN ('waiting', 'in_progress', 'pending');
--> statement-breakpoint
CREATE INDEX "cases_assignee" ON "cases" ("assignee_id") WHERE "state" IN ('in_progress', 'pending');
--> statement-breakpoint
CREATE TABLE "case_events" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "case_id" bigint NOT NULL REFERENCES "cases" ("id"),
  "hotline_id" text NOT NULL,
  "seq" bigint,
  "kind" text NOT NULL,
  "version" integer NOT NULL,
  "at" timestamptz NOT NULL,
  "actor" text NOT NULL CHECK ("actor" IN ('practitioner', 'agent', 'system')),
  "agent_id" uuid REFERENCES "agents" ("id"),
  "data" jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT "case_events_agent_named" CHECK ("actor" <> 'agent' OR "agent_id" IS NOT NULL)
);
--> statement-breakpoint
CREATE INDEX "case_events_case" ON "case_events" ("case_id", "id");
--> statement-breakpoint
CREATE UNIQUE INDEX "case_events_log" ON "case_events" ("hotline_id", "seq") WHERE "seq" IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "case_events_to_number" ON "case_events" ("id") WHERE "seq" IS NULL;
--> statement-breakpoint
CREATE TABLE "live_log_heads" (
  "hotline_id" text PRIMARY KEY,
  "last_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "case_messages" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "case_id" bigint NOT NULL REFERENCES "cases" ("id"),
  "author" text NOT NULL CHECK ("author" IN ('practitioner', 'agent', 'system')),
  "agent_id" uuid REFERENCES "agents" ("id"),
  "internal" boolean NOT NULL,
  "body" text NOT NULL,
  "at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE INDEX "case_messages_case" ON "case_messages" ("case_id", "id");
--> statement-breakpoint
CREATE TABLE "follow_ups" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "case_id" bigint NOT NULL REFERENCES "cases" ("id"),
  "kind" text NOT NULL,
  "round" bigint NOT NULL,
  "due_at" timestamptz NOT NULL,
  "state" text NOT NULL DEFAULT 'planned'
    CHECK ("state" IN ('planned', 'sending', 'sent', 'cancelled', 'failed')),
  "attempts" smallint NOT NULL DEFAULT 0,
  "sending_since" timestamptz,
  "sent_at" timestamptz,
  "failure" text,
  "reply" text CHECK ("reply" IN ('works', 'stuck')),
  "replied_at" timestamptz
);
--> statement-breakpoint
CREATE UNIQUE INDEX "follow_ups_once" ON "follow_ups" ("case_id", "kind", "round");
--> statement-breakpoint
CREATE INDEX "follow_ups_due" ON "follow_ups" ("state", "due_at");
--> statement-breakpoint
CREATE TABLE "outbox" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "job" text NOT NULL,
  "payload" jsonb NOT NULL,
  "not_before" timestamptz NOT NULL,
  "created_at" timestamptz NOT NULL,
  "relayed_at" timestamptz
);
--> statement-breakpoint
CREATE INDEX "outbox_to_relay" ON "outbox" ("id") WHERE "relayed_at" IS NULL;
--> statement-breakpoint
CREATE INDEX "outbox_relayed" ON "outbox" ("relayed_at") WHERE "relayed_at" IS NOT NULL;
