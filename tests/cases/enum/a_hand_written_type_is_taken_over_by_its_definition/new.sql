CREATE TYPE mood AS ENUM ('sad', 'bored', 'happy');
COMMENT ON TYPE mood IS 'how somebody feels';
CREATE VIEW seen AS SELECT id, mood FROM people;
