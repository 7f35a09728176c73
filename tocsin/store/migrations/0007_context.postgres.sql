create table incident_search (
  incident text primary key,
  words text not null,
  found tsvector generated always as (to_tsvector('simple', words)) stored
);
create index incident_search_found on incident_search using gin (found);
