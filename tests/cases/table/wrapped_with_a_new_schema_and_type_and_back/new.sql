CREATE VIEW archive.moods AS SELECT mood, name::archive.short FROM public.users; CREATE VIEW writers AS SELECT id, name FROM users;
