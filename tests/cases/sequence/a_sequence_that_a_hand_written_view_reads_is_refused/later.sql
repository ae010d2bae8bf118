CREATE VIEW last AS SELECT last_value FROM numbers;
