CREATE DOMAIN quantity AS integer DEFAULT 2 NOT NULL;
CREATE DOMAIN label AS text DEFAULT upper('none');
CREATE VIEW counted AS SELECT 1::quantity AS quantity, 'a'::label AS label;
