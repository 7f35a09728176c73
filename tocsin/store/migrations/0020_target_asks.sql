-- Targets that a server asks others to look at, because their workers alone reach them: with the programs to look for.
create table target_asks (
  target text primary key,
  programs text not null,
  at bigint not null,
  answered_at bigint
);
