-- viewkeeper: login renamed from name
CREATE MATERIALIZED VIEW people AS SELECT id, name AS login FROM users;
CREATE INDEX ON people (login);
