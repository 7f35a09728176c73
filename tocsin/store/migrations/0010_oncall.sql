-- What people changed about schedules for a while, the secret addresses of their calendars, and calendars of others.
create table schedule_changes (
  id text primary key,
  schedule text not null,
  kind text not null,
  state text not null,
  begins bigint not null,
  ends bigint not null,
  people text not null,
  instead_of text not null default '',
  every_seconds bigint,
  back_begins bigint,
  back_ends bigint,
  why text not null default '',
  made_by text not null,
  made_at bigint not null,
  settled_by text not null default '',
  settled_at bigint
);
create index schedule_changes_ends on schedule_changes (ends);

create table calendar_feeds (
  id text primary key,
  hash text not null unique,
  schedule text not null default '',
  person text not null default '',
  made_by text not null,
  made_at bigint not null,
  revoked_by text not null default '',
  revoked_at bigint,
  read_at bigint
);

create table calendar_copies (
  schedule text primary key,
  body text not null,
  fetched_at bigint,
  tried_at bigint not null,
  problem text not null default ''
);
