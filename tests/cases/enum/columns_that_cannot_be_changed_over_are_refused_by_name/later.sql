CREATE TABLE by_mood (id bigint, mood mood) PARTITION BY LIST (mood);
CREATE TABLE keys (mood mood PRIMARY KEY);
CREATE TABLE refers (mood mood REFERENCES keys);
CREATE TABLE checked (
    mood mood CHECK (mood <> 'sad'),
    made mood GENERATED ALWAYS AS ('sad'::mood) STORED,
    label text DEFAULT 'sad'::mood
);
CREATE INDEX happy_ones ON checked (label) WHERE mood = 'happy';
CREATE TYPE pair AS (one mood, other mood);
CREATE TABLE pairs (pair pair);
CREATE FUNCTION same(mood, mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2::text';
CREATE OPERATOR === (FUNCTION = same, LEFTARG = mood, RIGHTARG = mood);
