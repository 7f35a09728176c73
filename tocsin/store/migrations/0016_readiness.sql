-- What each responder last said of reaching a system of the runbook's list; "ok_at": when they last reached it.
create table access_checks (
  person text not null,
  system text not null,
  at bigint not null,
  ok bigint not null,
  note text not null default '',
  said_by text not null default '',
  ok_at bigint,
  primary key (person, system)
);

-- When each person was last asked whether they still reach everything, so that they are asked once a month.
create table access_asks (
  person text primary key,
  at bigint not null
);

-- How looking at a target went last: whether it answers, and whether the programs of its steps are there.
create table target_checks (
  target text not null,
  subject text not null,
  at bigint not null,
  ok bigint not null,
  detail text not null default '',
  ok_at bigint,
  primary key (target, subject)
);
