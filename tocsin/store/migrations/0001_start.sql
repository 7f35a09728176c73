-- Moments are microseconds since 1970 in UTC, JSON is text, ids are made by us: so one SQL text serves both databases.

create table counters (
  name text primary key,
  value bigint not null
);

-- The incident as it is now: the fold of its timeline. The columns beside "state" are copies to search by.
create table incidents (
  id text primary key,
  number bigint not null unique,
  version bigint not null,
  status text not null,
  severity text not null,
  title text not null,
  scenario text not null,
  runbook_digest text not null,
  drill integer not null,
  declared_at bigint not null,
  resolved_at bigint,
  wake_at bigint,
  state text not null
);
create index incidents_wake on incidents (wake_at) where wake_at is not null;
create index incidents_open on incidents (number) where status <> 'resolved';

create table timeline (
  incident text not null,
  seq bigint not null,
  at bigint not null,
  actor_kind text not null,
  actor text not null,
  kind text not null,
  body text not null,
  prev_hash text not null,
  hash text not null,
  primary key (incident, seq)
);
create index timeline_at on timeline (at);

create table alerts (
  fingerprint text primary key,
  name text not null,
  status text not null,
  labels text not null,
  annotations text not null,
  starts_at bigint not null,
  ends_at bigint,
  updated_at bigint not null,
  source text not null,
  url text not null,
  incident text
);
create index alerts_incident on alerts (incident) where incident is not null;
create index alerts_ends on alerts (ends_at) where status = 'firing' and ends_at is not null;
create index alerts_firing on alerts (starts_at) where status = 'firing';

create table silences (
  id text primary key,
  body text not null,
  starts_at bigint not null,
  ends_at bigint not null,
  updated_at bigint not null
);

-- What came in, as it came: stored before it is answered, worked off behind.
create table intake (
  id text primary key,
  received_at bigint not null,
  source text not null,
  body text not null,
  state text not null default 'new',
  error text not null default '',
  attempts bigint not null default 0
);
create index intake_new on intake (received_at, id) where state = 'new';
create index intake_done on intake (received_at) where state = 'done';

-- The journal of commands: intent before, outcome after.
create table runs (
  id text primary key,
  incident text not null,
  step text not null,
  kind text not null,
  command text not null,
  verdict text not null,
  target text not null,
  sha text not null,
  status text not null,
  queued_at bigint not null,
  started_at bigint,
  finished_at bigint,
  node text not null default '',
  heartbeat_at bigint,
  outcome text,
  approval text not null default ''
);
create unique index runs_approval on runs (approval) where approval <> '';
create index runs_incident on runs (incident, queued_at);
create index runs_queued on runs (queued_at, id) where status = 'queued';
create index runs_running on runs (heartbeat_at) where status = 'running';

create table run_output (
  run text not null,
  seq bigint not null,
  at bigint not null,
  text text not null,
  primary key (run, seq)
);

create table outbox (
  id text primary key,
  kind text not null,
  incident text not null,
  body text not null,
  due_at bigint not null,
  attempts bigint not null default 0,
  state text not null default 'due',
  lease_until bigint,
  node text not null default '',
  error text not null default '',
  created_at bigint not null
);
create index outbox_due on outbox (due_at, id) where state = 'due';
create index outbox_dead on outbox (created_at) where state = 'dead';
create index outbox_done on outbox (due_at) where state = 'done';

create table deliveries (
  id text primary key,
  at bigint not null,
  person text not null,
  via text not null,
  notice text not null,
  ok integer not null,
  detail text not null
);
create index deliveries_notice on deliveries (notice);
create index deliveries_at on deliveries (at);

create table runbooks (
  digest text primary key,
  source text not null,
  title text not null,
  raw_base64 text not null,
  model text not null,
  read_at bigint not null
);
create index runbooks_source on runbooks (source, read_at);

create table reviews (
  incident text primary key,
  text text not null,
  status text not null,
  version bigint not null,
  updated_at bigint not null,
  updated_by text not null
);

create table actions (
  id text primary key,
  incident text not null,
  text text not null,
  owner text not null,
  due_at bigint,
  state text not null,
  line bigint not null,
  created_at bigint not null
);
create index actions_incident on actions (incident);
create index actions_open on actions (due_at) where state = 'open';

-- Secrets of people are kept as hashes only.
create table tokens (
  hash text primary key,
  name text not null,
  role text not null,
  created_at bigint not null,
  revoked_at bigint
);

create table sessions (
  hash text primary key,
  name text not null,
  role text not null,
  created_at bigint not null,
  expires_at bigint not null
);
create index sessions_expires on sessions (expires_at);

create table samples (
  signal text not null,
  at bigint not null,
  value double precision not null,
  primary key (signal, at)
);
create index samples_at on samples (at);

create table watches (
  rule text primary key,
  state text not null,
  updated_at bigint not null
);
