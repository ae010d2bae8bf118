CREATE TYPE status AS ENUM ('active', 'closed', 'blocked');
CREATE VIEW names AS SELECT id, 'active'::status AS status, name FROM users;
