-- Every version of a post-mortem, so that a text that was made from an older one can be merged with what came after.
create table review_versions (
  incident text not null,
  version bigint not null,
  text text not null,
  updated_at bigint not null,
  updated_by text not null,
  primary key (incident, version)
);
insert into review_versions (incident, version, text, updated_at, updated_by)
  select incident, version, text, updated_at, updated_by from reviews;

-- What incidents have switched off while their root cause is open: looked for by what would be switched on. "switch" is
-- a digest of the command around the word that switches.
create table switched_off (
  switch text not null,
  place text not null,
  incident text not null,
  step text not null,
  at bigint not null,
  primary key (switch, place, incident, step)
);
create index switched_off_incident on switched_off (incident);

-- Action items in a tracker: what is to be made there, and what became of it. Nothing to do before "due_at"; "state" is
-- wanted, open or closed. A row is leased while somebody asks the tracker.
create table action_issues (
  action text primary key,
  incident text not null,
  tracker text not null,
  state text not null,
  key text not null default '',
  url text not null default '',
  etag text not null default '',
  wanted_at bigint not null,
  due_at bigint not null,
  lease_until bigint,
  attempts bigint not null default 0,
  error text not null default ''
);
create index action_issues_due on action_issues (due_at) where state <> 'closed';
