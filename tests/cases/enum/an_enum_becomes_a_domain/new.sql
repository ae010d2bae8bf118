CREATE DOMAIN mood AS text CHECK (VALUE IN ('sad', 'happy'));
CREATE VIEW moods AS SELECT 'happy'::mood AS mood;
