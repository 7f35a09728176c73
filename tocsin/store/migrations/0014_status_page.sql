-- What the public status page says. A report is an incident's public face, or a planned maintenance ("begun_at" is its
-- start, "offline" whether health checks answer 503 while it lasts); its updates are what people wrote for the public.
create table status_reports (
  id text primary key,
  kind text not null,
  incident text not null default '',
  title text not null,
  begun_at bigint not null,
  ends_at bigint,
  ended_at bigint,
  offline bigint not null default 0,
  remind_seconds double precision not null default 0,
  created_at bigint not null,
  updated_at bigint not null,
  retracted_at bigint
);
create unique index status_reports_incident on status_reports (incident) where incident <> '' and retracted_at is null;
create index status_reports_updated on status_reports (updated_at);

-- "entry" is the place on the incident's timeline, "components" JSON: component -> {state, message}.
create table status_updates (
  report text not null,
  seq bigint not null,
  at bigint not null,
  stage text not null,
  text text not null,
  components text not null,
  entry bigint not null default 0,
  written_by text not null default '',
  retracted_at bigint,
  primary key (report, seq)
);

-- Since when a component has a history, and when the thresholds that it follows were crossed.
create table status_components (
  id text primary key,
  known_at bigint not null
);
create table status_followed (
  component text not null,
  began_at bigint not null,
  ended_at bigint,
  state text not null,
  primary key (component, began_at)
);

-- Strangers who asked to be told. Nothing is sent to one before "confirmed_at", except the question itself.
create table status_subscribers (
  id text primary key,
  kind text not null,
  address text not null,
  created_at bigint not null,
  asked_at bigint not null,
  confirmed_at bigint,
  ended_at bigint,
  why text not null default ''
);
create unique index status_subscribers_address on status_subscribers (kind, address);

-- One row for each message to one of them; apart from the outbox, so that a thousand of these never delay a page.
create table status_sendings (
  id text primary key,
  subscriber text not null,
  report text not null,
  what text not null,
  state text not null default 'due',
  due_at bigint not null,
  leased_until bigint not null default 0,
  tries bigint not null default 0,
  error text not null default '',
  created_at bigint not null
);
create index status_sendings_due on status_sendings (due_at) where state = 'due';

create table status_secrets (
  name text primary key,
  value text not null
);
