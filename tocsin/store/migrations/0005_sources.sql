-- What sources tell beside alerts: what was changed, and which of their messages were taken already. An alert may be
-- known by its source's own name for it.
alter table alerts add column known_as text not null default '';

create table changes (
  id text primary key,
  at bigint not null,
  received_at bigint not null,
  source text not null,
  kind text not null,
  what text not null,
  place text not null,
  who text not null,
  url text not null,
  outcome text not null
);
create index changes_at on changes (at);

create table taken (
  source text not null,
  message text not null,
  at bigint not null,
  primary key (source, message)
);
create index taken_at on taken (at);
