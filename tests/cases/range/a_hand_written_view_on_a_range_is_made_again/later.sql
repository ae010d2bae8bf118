CREATE VIEW spans AS SELECT span('a', 'b') AS one, span_multirange(span('a', 'b')) AS many;
