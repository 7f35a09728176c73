-- The words of an incident stand under its number: a full-text table has no other index to find a row for replacing it.
create virtual table incident_search_by_number using fts5(incident unindexed, words, tokenize = "unicode61");
insert into incident_search_by_number (rowid, incident, words)
  select incidents.number, incident_search.incident, incident_search.words
  from incident_search join incidents on incidents.id = incident_search.incident
  group by incidents.number;
drop table incident_search;
alter table incident_search_by_number rename to incident_search;
