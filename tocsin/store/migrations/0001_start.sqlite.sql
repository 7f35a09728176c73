create trigger timeline_never_changes before update on timeline
begin
  select raise(abort, 'The timeline is append-only: an entry is never changed.');
end;

create trigger timeline_never_shrinks before delete on timeline
begin
  select raise(abort, 'The timeline is append-only: an entry is never deleted.');
end;
