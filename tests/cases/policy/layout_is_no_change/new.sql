alter table public.t enable row level security;
create policy own on public.t as permissive for all to public using ((owner = current_user));
