-- Each incident rolled up for the figures. The rows follow the incidents' and nothing depends on them: an older version,
-- or one that was made by other rules, is made anew from the timeline.
create table incident_figures (
  incident text primary key,
  version bigint not null,
  rules bigint not null,
  declared_at bigint not null,
  last_at bigint not null,
  body text not null
);
create index incident_figures_last on incident_figures (last_at);
create index incident_figures_stamp on incident_figures (version, rules);
