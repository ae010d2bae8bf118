CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE VIEW moods AS SELECT 'happy'::mood AS mood;
