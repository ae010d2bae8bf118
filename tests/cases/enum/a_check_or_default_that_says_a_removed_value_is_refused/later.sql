CREATE TABLE people (id bigint PRIMARY KEY, mood mood DEFAULT 'bored', CONSTRAINT awake CHECK (mood <> 'bored'));
CREATE INDEX bored_ones ON people (id) WHERE mood = 'bored';
