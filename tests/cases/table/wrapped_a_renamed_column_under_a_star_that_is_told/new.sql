-- All of them.
-- viewkeeper: full_name renamed from name
CREATE VIEW people AS SELECT * FROM users;
COMMENT ON COLUMN people.full_name IS 'As they sign.';

CREATE VIEW names AS SELECT full_name AS name FROM people;
