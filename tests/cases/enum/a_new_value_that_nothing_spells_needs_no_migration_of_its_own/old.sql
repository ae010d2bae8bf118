CREATE TYPE status AS ENUM ('active', 'closed');
CREATE VIEW names AS SELECT id, 'active'::status AS status FROM users;
