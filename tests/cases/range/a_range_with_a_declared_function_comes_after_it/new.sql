CREATE TYPE span AS RANGE (subtype = time, subtype_diff = seconds_between);
CREATE FUNCTION seconds_between(time, time) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT extract(epoch FROM $1 - $2)::float8 $$;
CREATE VIEW shifts AS SELECT span('08:00', '16:00') AS shift;
