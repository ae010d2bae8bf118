-- People with an account. Nobody is deleted: whoever leaves is set to 'left', so that what they wrote keeps its author.
CREATE TYPE user_status AS ENUM ('invited', 'active', 'left');

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    status user_status NOT NULL DEFAULT 'invited',
    birthday date,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz
);

COMMENT ON TYPE user_status IS 'Where somebody stands between invitation and goodbye.';
COMMENT ON TABLE users IS 'People with an account.';
COMMENT ON COLUMN users.birthday IS 'Only where somebody told us.';
COMMENT ON COLUMN users.last_login_at IS 'Empty until the first login.';
