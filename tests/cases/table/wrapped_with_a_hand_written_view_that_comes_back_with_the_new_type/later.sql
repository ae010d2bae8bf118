CREATE VIEW by_hand AS SELECT name, id FROM writers;
COMMENT ON VIEW by_hand IS 'Nobody declares it.';
CREATE VIEW all_by_hand AS SELECT * FROM users NATURAL JOIN by_hand;
