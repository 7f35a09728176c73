-- When something that should happen again and again last said that it did.

create table heartbeats (
  name text primary key,
  at bigint not null
);
