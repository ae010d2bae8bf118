/* another comment */
create or replace view public.active_users as
  select U.id, u.NAME, COUNT(*) post_count
  from users as u inner join posts as p on (p.user_id = u.id)
  where p.created_at > now() - interval '30 days' -- trailing
  group by u.id, u.name
;
comment on view active_users is 'Who is active.';
comment on column active_users.post_count is 'Posts, of all time.';
grant select on table active_users to public;
