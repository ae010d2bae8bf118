CREATE FUNCTION slug(text) RETURNS varchar LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)::varchar';
