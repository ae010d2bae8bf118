CREATE TABLE log (at timestamptz, line text, n integer);
