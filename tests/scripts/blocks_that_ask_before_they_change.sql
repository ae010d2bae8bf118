-- exec_stmt_if in pl_exec.c; what the questions read is in the catalogs.
CREATE TABLE users (id int PRIMARY KEY, name text, CONSTRAINT named CHECK (name <> ''));
CREATE INDEX users_name ON users (name);
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN
        CREATE TYPE mood AS ENUM ('sad', 'glad');
    END IF;
END $$;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = 'mood' AND n.nspname = 'public') THEN
        CREATE TYPE mood AS ENUM ('not again');
    ELSE
        RAISE NOTICE 'it is there; %', now();
        ALTER TABLE users ADD COLUMN mood mood;
    END IF;
END $$;
do language plpgsql $body$
begin
    -- A column
    if exists (select * from information_schema.columns where table_name = 'users' and column_name = 'mail' and table_schema = 'public') then
        alter table users drop column mail;
    else
        alter table users add column mail text;
    end if;
    if exists (select * from information_schema.columns where table_name = 'users' and column_name = 'mail') then
        if not exists (select from pg_constraint where conname = 'with_at' and conrelid = 'users'::regclass) then
            alter table users add constraint with_at check (mail like '%@%');
        end if;
        alter table users rename column mail to email;
    end if;
end;
$body$;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'named') THEN DROP TABLE users; END IF;
    IF EXISTS (SELECT FROM pg_indexes WHERE indexname = 'users_name' AND tablename = 'users') THEN DROP INDEX users_name; END IF;
    IF EXISTS (SELECT FROM pg_class WHERE relname = 'users_name') THEN DROP TABLE users; END IF;
    IF to_regclass('public.posts') IS NULL AND NOT to_regclass('users') IS NULL THEN
        CREATE TABLE posts (id int GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT now());
    END IF;
    IF EXISTS (SELECT FROM information_schema.tables WHERE table_name = 'posts') OR EXISTS (SELECT FROM pg_namespace WHERE nspname = 'nowhere') THEN
        CREATE SCHEMA more;
        CREATE TABLE more.posts (id int);
    END IF;
    IF EXISTS (SELECT FROM pg_tables WHERE tablename = 'posts' AND schemaname = 'more') THEN DROP TABLE more.posts; END IF;
    IF EXISTS (SELECT FROM pg_type WHERE typname = 'users') THEN COMMENT ON TABLE users IS 'rows have types'; END IF;
    IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'int4') THEN DROP TABLE users; END IF;
    IF NOT EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'users' AND column_name = 'email') THEN DROP TABLE users; END IF;
    IF EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema AND tablename = 'nobody') THEN DROP TABLE users; END IF;
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'hstore') THEN DROP TABLE users; END IF;
END $$;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'half') THEN CREATE TYPE half AS ENUM (); ALTER TABLE missing ADD COLUMN x int; END IF;
END $$;
CREATE VIEW seen AS SELECT u.id, u.name, u.mood, u.email, p.at FROM users u, posts p;
