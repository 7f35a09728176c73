-- By which code the rows of incidents were folded last; another release may make more of the same timeline.
create table folded (
  code text primary key,
  at bigint not null
);
