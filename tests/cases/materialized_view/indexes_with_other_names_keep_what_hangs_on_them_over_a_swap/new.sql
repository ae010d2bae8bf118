CREATE MATERIALIZED VIEW people AS SELECT id, name, city FROM users;
CREATE UNIQUE INDEX people_id ON people (id);
CREATE INDEX people_name ON people (name);
CREATE INDEX people_both ON people (id, lower(name));
CREATE INDEX untold ON people (name, id);
