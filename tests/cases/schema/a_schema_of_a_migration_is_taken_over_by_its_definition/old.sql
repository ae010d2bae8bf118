CREATE VIEW app.ids AS SELECT id FROM app.things;
