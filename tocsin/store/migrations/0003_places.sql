-- Where a run happens: the name of its target and that target's labels, and who is there to carry runs out.

alter table runs add column place text not null default '';
alter table runs add column labels text not null default '';

create table workers (
  node text primary key,
  labels text not null,
  serves integer not null,
  started_at bigint not null,
  seen_at bigint not null
);
