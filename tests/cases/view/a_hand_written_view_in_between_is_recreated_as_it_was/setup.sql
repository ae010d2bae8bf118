CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email varchar(100),
    created_at timestamptz NOT NULL
);
CREATE TABLE posts (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    title text NOT NULL,
    rating numeric(6, 2),
    created_at timestamptz NOT NULL
);
CREATE VIEW b AS SELECT id, name FROM users;
CREATE VIEW by_hand AS SELECT id FROM b; -- hand-written
COMMENT ON VIEW by_hand IS 'Kept.';
