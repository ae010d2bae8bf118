CREATE TABLE people (mood mood DEFAULT 'happy'::mood, CONSTRAINT fine CHECK (mood <> 'sad' AND is_fine(mood)));
CREATE INDEX happy_ones ON people (mood) WHERE mood = 'happy'::mood;
ALTER TABLE people RENAME mood TO feels;
ALTER TABLE people RENAME CONSTRAINT fine TO good;
ALTER TABLE people RENAME TO persons;
