CREATE TYPE status AS ENUM ('active', 'blocked', 'closed');
CREATE VIEW all_accounts AS SELECT id, name, 'blocked'::status AS status FROM accounts;
CREATE FUNCTION is_blocked(one status) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT one = 'blocked' $$;
