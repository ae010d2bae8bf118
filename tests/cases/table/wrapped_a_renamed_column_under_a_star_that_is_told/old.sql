-- All of them.
CREATE VIEW people AS SELECT * FROM users;
COMMENT ON COLUMN people.name IS 'As they sign.';

CREATE VIEW names AS SELECT name FROM people;
