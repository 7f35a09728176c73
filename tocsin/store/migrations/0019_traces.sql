-- Runs of the system under care, as it told of them; they are looked at for some days and then forgotten.
create table traces (
  source text not null,
  id text not null,
  name text not null,
  service text not null,
  status text not null,
  started_at bigint not null,
  ended_at bigint,
  error text not null,
  url text not null,
  spans bigint not null,
  failed bigint not null,
  whole bigint not null,
  primary key (source, id)
);
create index traces_started on traces (started_at);
