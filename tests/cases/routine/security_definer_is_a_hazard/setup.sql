CREATE TABLE secrets (id bigint, secret text);
