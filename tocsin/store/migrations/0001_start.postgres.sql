create function timeline_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'The timeline is append-only: an entry is never %.',
    case tg_op when 'UPDATE' then 'changed' else 'deleted' end;
end $$;

create trigger timeline_never_changes before update on timeline
  for each row execute function timeline_is_append_only();

create trigger timeline_never_shrinks before delete on timeline
  for each row execute function timeline_is_append_only();

create trigger timeline_never_empties before truncate on timeline
  for each statement execute function timeline_is_append_only();
