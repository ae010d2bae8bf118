CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'going';
CREATE VIEW app.names AS SELECT name FROM users;
CREATE VIEW names AS SELECT name FROM app.names;
