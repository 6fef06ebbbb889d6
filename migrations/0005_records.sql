-- The vaccination records: patients, delegations, acts, what each was before each change, and who read them.

CREATE TABLE "patients" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "version" integer NOT NULL DEFAULT 1,
  "birth_family_name" text NOT NULL,
  "birth_given_names" text NOT NULL,
  "used_family_name" text,
  "used_given_name" text,
  "birth_date" date NOT NULL,
  "sex" text NOT NULL CHECK ("sex" IN ('female', 'male', 'unknown')),
  "birth_place" text CHECK ("birth_place" ~ '^[0-9AB]{5}$'),
  "identity_status" text NOT NULL DEFAULT 'provisional'
    CHECK ("identity_status" IN ('provisional', 'retrieved', 'validated', 'qualified')),
  "no_nir_reason" text,
  "family_name_key" text NOT NULL,
  "given_names_key" text NOT NULL,
  "used_family_name_key" text,
  "merged_into" uuid REFERENCES "patients" ("id") CHECK ("merged_into" <> "id"),
  "created_at" timestamptz NOT NULL,
  "created_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "updated_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE INDEX "patients_traits" ON "patients" ("birth_date", "family_name_key");
--> statement-breakpoint
CREATE INDEX "patients_used_name" ON "patients" ("birth_date", "used_family_name_key")
  WHERE "used_family_name_key" IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "patients_merged" ON "patients" ("merged_into") WHERE "merged_into" IS NOT NULL;
--> statement-breakpoint
CREATE TABLE "patient_nirs" (
  "patient_id" uuid PRIMARY KEY REFERENCES "patients" ("id"),
  -- AES-256-GCM: nonce, cipher text, tag.
  "sealed" bytea NOT NULL CHECK (octet_length("sealed") > 28),
  "key_id" text NOT NULL,
  -- HMAC-SHA-256. Not unique: children may be known under a parent's NIR.
  "blind_index" bytea NOT NULL CHECK (octet_length("blind_index") = 32),
  "index_key_id" text NOT NULL,
  "of_parent" boolean NOT NULL DEFAULT false,
  "provisional" boolean NOT NULL DEFAULT false
);
--> statement-breakpoint
CREATE INDEX "patient_nirs_blind_index" ON "patient_nirs" ("blind_index");
--> statement-breakpoint
CREATE INDEX "patient_nirs_keys" ON "patient_nirs" ("key_id", "index_key_id");
--> statement-breakpoint
CREATE TABLE "delegations" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "delegator_id" uuid NOT NULL REFERENCES "professionals" ("id"),
  "delegate_identifier" text NOT NULL,
  "delegate_name" text NOT NULL,
  "scope" text NOT NULL CHECK ("scope" IN ('entry', 'entry_and_print')),
  "structure" text,
  "valid_from" date NOT NULL,
  "valid_to" date,
  "created_at" timestamptz NOT NULL,
  "revoked_at" timestamptz,
  CHECK ("valid_to" >= "valid_from")
);
--> statement-breakpoint
CREATE INDEX "delegations_delegator" ON "delegations" ("delegator_id");
--> statement-breakpoint
CREATE INDEX "delegations_delegate" ON "delegations" ("delegate_identifier") WHERE "revoked_at" IS NULL;
--> statement-breakpoint
CREATE TABLE "consultations" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "version" integer NOT NULL DEFAULT 1,
  "state" text NOT NULL DEFAULT 'recorded' CHECK ("state" IN ('recorded', 'entered_in_error')),
  "patient_id" uuid NOT NULL REFERENCES "patients" ("id"),
  "occurred_at" timestamptz NOT NULL,
  "place_kind" text NOT NULL
    CHECK ("place_kind" IN ('establishment', 'vaccination_centre', 'practice', 'pharmacy', 'home', 'other')),
  "place_finess" text CHECK ("place_finess" ~ '^[0-9][0-9A-Z][0-9]{7}$'),
  "place_name" text,
  "performed_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "entered_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "validated_by" uuid REFERENCES "professionals" ("id"),
  "validated_at" timestamptz,
  "delegation_id" uuid REFERENCES "delegations" ("id"),
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "questionnaire" jsonb NOT NULL,
  "consent" text NOT NULL CHECK ("consent" IN ('patient', 'representative', 'none')),
  "representative" text,
  "decision" text NOT NULL CHECK ("decision" IN ('fit', 'deferred', 'contraindicated', 'opposed')),
  "deferred_until" date,
  "comment" text,
  CHECK (("validated_by" IS NULL) = ("validated_at" IS NULL)),
  CHECK (("decision" = 'deferred') OR "deferred_until" IS NULL)
);
--> statement-breakpoint
CREATE INDEX "consultations_patient" ON "consultations" ("patient_id", "occurred_at");
--> statement-breakpoint
CREATE TABLE "injections" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "version" integer NOT NULL DEFAULT 1,
  "state" text NOT NULL DEFAULT 'recorded' CHECK ("state" IN ('recorded', 'entered_in_error')),
  "patient_id" uuid NOT NULL REFERENCES "patients" ("id"),
  "occurred_at" timestamptz NOT NULL,
  "place_kind" text NOT NULL
    CHECK ("place_kind" IN ('establishment', 'vaccination_centre', 'practice', 'pharmacy', 'home', 'other')),
  "place_finess" text CHECK ("place_finess" ~ '^[0-9][0-9A-Z][0-9]{7}$'),
  "place_name" text,
  "performed_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "entered_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "validated_by" uuid REFERENCES "professionals" ("id"),
  "validated_at" timestamptz,
  "delegation_id" uuid REFERENCES "delegations" ("id"),
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "consultation_id" uuid REFERENCES "consultations" ("id"),
  "vaccine" text NOT NULL,
  "lot" text NOT NULL,
  "lot_expiry" date,
  "gtin" text,
  "serial" text,
  "arm" text CHECK ("arm" IN ('left', 'right')),
  "site" text,
  "route" text NOT NULL CHECK ("route" IN ('intramuscular', 'subcutaneous', 'intradermal', 'other')),
  "dose_volume" text CHECK ("dose_volume" ~ '^[0-9]{1,2}([.][0-9]{1,3})?$'),
  -- A rank above the total is legal.
  "dose_rank" smallint NOT NULL CHECK ("dose_rank" >= 1),
  "dose_total" smallint NOT NULL CHECK ("dose_total" >= 1),
  "day" date NOT NULL,
  "findings" jsonb NOT NULL,
  "override_reason" text,
  "idempotency_key" text,
  "not_a_duplicate" boolean NOT NULL DEFAULT false,
  CHECK (("validated_by" IS NULL) = ("validated_at" IS NULL))
);
--> statement-breakpoint
CREATE INDEX "injections_patient" ON "injections" ("patient_id", "occurred_at");
--> statement-breakpoint
CREATE UNIQUE INDEX "injections_same_act" ON "injections" ("patient_id", "vaccine", "day")
  WHERE "state" = 'recorded' AND NOT "not_a_duplicate";
--> statement-breakpoint
CREATE UNIQUE INDEX "injections_idempotency" ON "injections" ("entered_by", "idempotency_key");
--> statement-breakpoint
CREATE INDEX "injections_lots" ON "injections" ("place_finess", "day", "created_at");
--> statement-breakpoint
CREATE TABLE "adverse_events" (
  "id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "version" integer NOT NULL DEFAULT 1,
  "state" text NOT NULL DEFAULT 'recorded' CHECK ("state" IN ('recorded', 'entered_in_error')),
  "patient_id" uuid NOT NULL REFERENCES "patients" ("id"),
  -- The onset.
  "occurred_at" timestamptz NOT NULL,
  "place_kind" text NOT NULL
    CHECK ("place_kind" IN ('establishment', 'vaccination_centre', 'practice', 'pharmacy', 'home', 'other')),
  "place_finess" text CHECK ("place_finess" ~ '^[0-9][0-9A-Z][0-9]{7}$'),
  "place_name" text,
  "performed_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "entered_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "validated_by" uuid REFERENCES "professionals" ("id"),
  "validated_at" timestamptz,
  "delegation_id" uuid REFERENCES "delegations" ("id"),
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "injection_id" uuid NOT NULL REFERENCES "injections" ("id"),
  "description" text NOT NULL,
  "terms" jsonb NOT NULL,
  "serious" boolean NOT NULL,
  "criteria" jsonb NOT NULL,
  "hospitalised_from" date,
  "hospitalised_to" date,
  "died_on" date,
  "outcome" text NOT NULL
    CHECK ("outcome" IN ('recovered', 'recovering', 'not_recovered', 'sequelae', 'fatal', 'unknown')),
  "ended_on" date,
  "pregnancy" boolean,
  "pregnancy_weeks" smallint CHECK ("pregnancy_weeks" BETWEEN 0 AND 45),
  "lot_suspected" boolean NOT NULL DEFAULT false,
  "declaration" text NOT NULL DEFAULT 'draft' CHECK ("declaration" IN ('draft', 'sent', 'acknowledged')),
  "declared_at" timestamptz,
  "acknowledged_at" timestamptz,
  "acknowledgement" text,
  CHECK (("validated_by" IS NULL) = ("validated_at" IS NULL)),
  CHECK ("serious" = (jsonb_array_length("criteria") > 0))
);
--> statement-breakpoint
CREATE INDEX "adverse_events_patient" ON "adverse_events" ("patient_id", "occurred_at");
--> statement-breakpoint
CREATE INDEX "adverse_events_injection" ON "adverse_events" ("injection_id");
--> statement-breakpoint
CREATE TABLE "record_versions" (
  "kind" text NOT NULL CHECK ("kind" IN ('patient', 'consultation', 'injection', 'adverse_event')),
  "record_id" uuid NOT NULL,
  "version" integer NOT NULL,
  "patient_id" uuid NOT NULL,
  "changed_at" timestamptz NOT NULL,
  "changed_by" uuid NOT NULL REFERENCES "professionals" ("id"),
  "change" text NOT NULL,
  "reason" text,
  "before" jsonb NOT NULL,
  "after" jsonb NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "record_versions_record" ON "record_versions" ("kind", "record_id", "version");
--> statement-breakpoint
CREATE INDEX "record_versions_patient" ON "record_versions" ("patient_id", "changed_at");
--> statement-breakpoint
CREATE TABLE "access_log" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  "at" timestamptz NOT NULL,
  "professional_id" uuid NOT NULL REFERENCES "professionals" ("id"),
  "on_behalf_of" uuid REFERENCES "professionals" ("id"),
  "structure" text,
  "patient_id" uuid,
  "action" text NOT NULL,
  "route" text NOT NULL,
  "request_id" text NOT NULL,
  "place" integer,
  "digest" bytea,
  CHECK (("patient_id" IS NULL) = ("place" IS NULL) AND ("place" IS NULL) = ("digest" IS NULL))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "access_log_chain" ON "access_log" ("patient_id", "place");
--> statement-breakpoint
CREATE INDEX "access_log_at" ON "access_log" ("at");
--> statement-breakpoint
CREATE INDEX "access_log_professional" ON "access_log" ("professional_id", "at");
--> statement-breakpoint
CREATE TABLE "access_log_ends" (
  "patient_id" uuid PRIMARY KEY,
  "place" integer NOT NULL,
  "digest" bytea NOT NULL,
  "purged_to" integer NOT NULL DEFAULT 0,
  "purged_digest" bytea NOT NULL DEFAULT '\x'::bytea
);
--> statement-breakpoint
-- The log is only appended to: whoever is not purging what has had its time is refused, also the tables' owner.
CREATE FUNCTION "refuse_access_log_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('records.purging_access_log', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the access log is only appended to' USING ERRCODE = 'insufficient_privilege';
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "access_log_append_only" BEFORE UPDATE OR DELETE ON "access_log"
  FOR EACH ROW EXECUTE FUNCTION "refuse_access_log_change"();
--> statement-breakpoint
CREATE TRIGGER "access_log_never_emptied" BEFORE TRUNCATE ON "access_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_access_log_change"();
