CREATE TABLE people (mood feeling DEFAULT 'happy'::feeling, CONSTRAINT fine CHECK (mood <> 'sad' AND is_good(mood)));
CREATE INDEX happy_ones ON people (mood) WHERE mood = 'happy'::feeling;
ALTER TABLE people RENAME mood TO feels;
ALTER TABLE people RENAME CONSTRAINT fine TO good;
ALTER TABLE people RENAME TO persons;
