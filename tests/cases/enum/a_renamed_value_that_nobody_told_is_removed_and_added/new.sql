CREATE TYPE mood AS ENUM ('gloomy', 'happy');
CREATE VIEW moods AS SELECT 'happy'::mood AS mood;
