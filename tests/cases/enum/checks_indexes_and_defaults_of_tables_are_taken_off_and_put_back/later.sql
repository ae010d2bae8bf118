CREATE TABLE people (
    id bigint PRIMARY KEY,
    mood mood NOT NULL DEFAULT 'happy' CONSTRAINT "not 'sad'" CHECK (mood <> 'sad'),
    before mood,
    CONSTRAINT changed CHECK (mood <> before AND before <> 'happy') NOT VALID,
    EXCLUDE USING btree (id WITH =) WHERE (mood = 'sad')
);
COMMENT ON CONSTRAINT "not 'sad'" ON people IS 'We hope.';
CREATE INDEX happy_ones ON people (id) WHERE mood = 'happy';
CREATE UNIQUE INDEX ON people ((CASE mood WHEN 'sad' THEN id END)) WITH (fillfactor = 70);
COMMENT ON INDEX happy_ones IS 'Most of them.';
INSERT INTO people VALUES (1, 'happy', 'sad');
ALTER TABLE people ADD CONSTRAINT later CHECK (mood <> 'happy' OR id > 0) NOT VALID;
-- Nothing here is of the type, but what is said of it.
CREATE TABLE labels (
    label text DEFAULT 'sad'::mood,
    other text CHECK (other IS NULL OR other::mood >= 'sad')
);
COMMENT ON CONSTRAINT labels_other_check ON labels IS 'By hand.';
COMMENT ON INDEX people_case_idx IS 'By hand, too.';
ALTER INDEX people_case_idx ALTER COLUMN 1 SET STATISTICS 77;
ALTER TABLE people CLUSTER ON people_case_idx;
