CREATE VIEW w AS SELECT id, feeling::text AS feeling FROM people;
CREATE VIEW x AS SELECT feeling FROM w;
