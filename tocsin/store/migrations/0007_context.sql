-- Which version of a file of ours (a runbook, tocsin.toml) is in force, so that another one counts as a change.
create table versions (
  name text primary key,
  digest text not null,
  at bigint not null
);

-- The words of each incident, to find similar ones by. They follow the incident's row; nothing depends on them.
create table incident_words (
  incident text primary key,
  version bigint not null,
  title text not null,
  alerts text not null,
  notes text not null,
  resolution text not null
);
create index incidents_scenario on incidents (scenario, number);
