CREATE TABLE people (
    id bigint PRIMARY KEY,
    mood mood NOT NULL DEFAULT 'happy',
    "Past Moods" mood[] DEFAULT ARRAY['sad'::mood],
    CHECK (mood IS NOT NULL)
);
CREATE INDEX ON people (mood);
COMMENT ON COLUMN people.mood IS 'today';
CREATE TABLE animals (id bigint PRIMARY KEY, mood mood UNIQUE);
INSERT INTO people VALUES (1, 'sad', '{sad,happy}'), (2, 'happy', NULL);
INSERT INTO animals VALUES (1, 'sad'), (2, NULL);
CREATE VIEW by_hand AS SELECT id FROM people WHERE mood > 'sad';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER happy BEFORE UPDATE OF mood ON people FOR EACH ROW WHEN (NEW.mood = 'happy') EXECUTE FUNCTION touch();
CREATE POLICY sad_ones ON people USING (mood = 'sad');
CREATE MATERIALIZED VIEW counted AS SELECT mood, count(*) AS count FROM people GROUP BY mood;
CREATE UNIQUE INDEX ON counted (mood);
