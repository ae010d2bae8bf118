CREATE FUNCTION app.shown(m app.mood) RETURNS varchar LANGUAGE sql IMMUTABLE AS 'SELECT $1::varchar';
CREATE FUNCTION shown(app.mood) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1::text)';
CREATE VIEW app.moods AS SELECT app.shown(mood) AS a, shown(mood) AS b FROM app.t;
