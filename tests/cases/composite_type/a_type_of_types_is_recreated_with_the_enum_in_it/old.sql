CREATE TYPE mood AS ENUM ('sad', 'bored', 'happy');
CREATE TYPE person AS (name text, mood mood, moods mood[]);
CREATE VIEW people AS SELECT ROW('a', 'sad', NULL)::person AS person;
