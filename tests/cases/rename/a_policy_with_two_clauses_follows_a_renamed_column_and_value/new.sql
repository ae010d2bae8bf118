-- viewkeeper: 'An''d' renamed from 'on'
CREATE TYPE state AS ENUM ('An''d', 'off');
-- viewkeeper: "Her ""name""" renamed from name
CREATE VIEW seen AS SELECT id, name AS "Her ""name""", 'An''d'::state AS state FROM users;
CREATE POLICY two ON users
    USING (EXISTS (SELECT FROM seen WHERE seen.id = users.id AND seen."Her ""name""" = users.name) -- by name
    )
    WITH CHECK (EXISTS (SELECT FROM seen WHERE seen."Her ""name""" = users.name AND state = 'An''d'));
