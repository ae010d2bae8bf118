CREATE VIEW w AS SELECT id /* the key */, name FROM users; -- old
