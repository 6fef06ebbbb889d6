-- What a case is searched by, as words: its number, the practitioner's name, and how they are reached.
-- Accents do not count; searching compares beginnings, see server/cases/search-terms.ts.
CREATE FUNCTION "case_terms"("number" text, "name" text, "email" text, "phone" text, "rpps" text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector(array_remove(array_remove(
    regexp_split_to_array(
      lower(regexp_replace(normalize("name", NFD), '[\u0300-\u036f]', '', 'g')), '[\s.''’-]+')
    -- A telephone number with its country, and without as far as France dials ten digits.
    || ARRAY[lower("number"), substr("number", 4), lower("email"), ltrim("phone", '+'), right("phone", 9), "rpps"],
  NULL), ''))
$$;
--> statement-breakpoint
-- Beside the cases, not in an index on them: what a case is searched by stays as it is while the case changes, and a
-- claim must not pay for it.
CREATE TABLE "case_search" (
  -- No foreign key: written in the statement that opens the case, and checking it again would cost each opening.
  "case_id" bigint PRIMARY KEY,
  "terms" tsvector NOT NULL
);
--> statement-breakpoint
CREATE INDEX "case_search_terms" ON "case_search" USING gin ("terms");
