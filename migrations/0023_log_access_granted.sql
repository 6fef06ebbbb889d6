-- Adding to the access log runs as the tables' owner: it is for whoever is given it, not for every role of the database.

REVOKE ALL ON FUNCTION "log_access"(uuid, timestamptz, uuid, uuid, text, text, text, text) FROM PUBLIC;
