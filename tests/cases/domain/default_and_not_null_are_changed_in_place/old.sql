CREATE DOMAIN quantity AS integer DEFAULT 1;
CREATE DOMAIN label AS text NOT NULL;
CREATE VIEW counted AS SELECT 1::quantity AS quantity, 'a'::label AS label;
