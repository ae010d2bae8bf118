CREATE SCHEMA IF NOT EXISTS app;
COMMENT ON SCHEMA app IS 'declared now';
CREATE VIEW app.ids AS SELECT id FROM app.things;
