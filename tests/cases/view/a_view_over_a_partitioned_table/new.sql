CREATE VIEW w AS SELECT id, kind, payload ->> 'x' AS x FROM events WHERE happened_at > DATE '2026-05-01';
