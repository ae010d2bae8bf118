CREATE FUNCTION shout(a text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper($1)';
CREATE STATISTICS words ON (shout(city)), (shout(street)) FROM users;
