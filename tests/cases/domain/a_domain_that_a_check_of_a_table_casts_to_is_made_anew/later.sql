CREATE TABLE things (name text CHECK (name::short <> ''));
CREATE INDEX ON things ((name::short));
INSERT INTO things VALUES ('a');
