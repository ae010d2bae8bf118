CREATE TYPE state AS ENUM ('on', 'off');
CREATE VIEW seen AS SELECT id, name, 'on'::state AS state FROM users;
CREATE POLICY two ON users
    USING (EXISTS (SELECT FROM seen WHERE seen.id = users.id AND seen.name = users.name) -- by name
    )
    WITH CHECK (EXISTS (SELECT FROM seen WHERE seen.name = users.name AND state = 'on'));
