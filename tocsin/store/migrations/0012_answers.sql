-- Which incidents are private, and who sees each: their names, one a line, between line ends.
create table private_incidents (
  incident text primary key,
  named text not null
);

-- Answers that came by mail or by message, by the name that the other side gave them: each counts once.
create table answers (
  id text primary key,
  at bigint not null
);
create index answers_at on answers (at);

-- Keys with which we sign what comes back to us. They lie beside what they protect, and are never exported.
create table keys (
  name text primary key,
  secret text not null,
  at bigint not null
);
