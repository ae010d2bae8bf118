CREATE TYPE address AS (city text, street text);
