CREATE TYPE mood AS ENUM ('sad', 'bored', 'happy');
CREATE VIEW moods AS SELECT 'bored'::mood AS mood;
