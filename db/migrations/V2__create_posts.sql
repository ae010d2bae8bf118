-- What users write, and what they are paid for it.
CREATE TABLE posts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    title text NOT NULL,
    body text,
    fee numeric(10, 2) NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (fee >= 0)
);

-- The latest posts of a user are what nearly every page asks for.
CREATE INDEX posts_user_id_created_at ON posts (user_id, created_at);

COMMENT ON TABLE posts IS 'What users write.';
COMMENT ON COLUMN posts.body IS 'Empty for a post that is only a title.';
COMMENT ON COLUMN posts.fee IS 'In euros, what the author is paid.';
