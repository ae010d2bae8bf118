CREATE TYPE mood AS ENUM ('calm', 'happy');
CREATE FUNCTION greeting(whose text, mood mood DEFAULT 'happy') RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT whose';
