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
