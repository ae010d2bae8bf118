CREATE EVENT TRIGGER audit
  ON ddl_command_end WHEN tag IN ('alter table', 'create table') -- both
  EXECUTE PROCEDURE public.note();
