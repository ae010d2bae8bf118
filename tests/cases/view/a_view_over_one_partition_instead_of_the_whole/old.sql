CREATE VIEW w AS SELECT id, kind FROM events;
