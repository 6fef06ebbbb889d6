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
CREATE INDEX "cases_search" ON "cases" USING gin
  (case_terms("number", "contact_name", "contact_email", "contact_phone", "rpps"));
