-- How far the log in front of the database was worked off; changed with what was made of its records.

create table intake_log (
  name text primary key,
  segment bigint not null,
  place bigint not null,
  record bigint not null
);
