-- Why an alert that fires declares nothing, and until when that counts; and what became of each alert over time.
alter table alerts add column muted text not null default '';
alter table alerts add column muted_until bigint;
create index alerts_muted on alerts (muted_until) where muted_until is not null;
create index alerts_name on alerts (name);

create table alert_history (
  fingerprint text not null,
  seq bigint not null,
  at bigint not null,
  what text not null,
  incident text,
  why text not null,
  primary key (fingerprint, seq)
);
create index alert_history_at on alert_history (at);
