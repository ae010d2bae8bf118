CREATE DOMAIN login AS text DEFAULT 'nobody' NOT NULL
    CONSTRAINT filled CHECK (VALUE <> '')
    CONSTRAINT short CHECK (length(VALUE) < 10)
    CONSTRAINT sane CHECK (VALUE <> 'root');

CREATE DOMAIN admin AS login CONSTRAINT adm CHECK (VALUE ~ '^adm');

CREATE VIEW logins AS SELECT id, name::admin AS name FROM users;
