CREATE TABLE shifts (id bigint, span span, spans span_multirange);
ALTER TABLE shifts ADD CONSTRAINT apart CHECK (NOT isempty(span));
