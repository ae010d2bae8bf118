CREATE FUNCTION app.shown(app.mood) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';
CREATE FUNCTION shown(app.mood) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1::text)';
CREATE VIEW app.moods AS SELECT app.shown(mood) AS a, shown(mood) AS b FROM app.t;
