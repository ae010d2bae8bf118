create or replace trigger audit
    before insert on public.t
    for each row execute procedure public.note();
