-- Samples of many series, kept a scrape at a time: "series" names them, a "layout" says which of them stand in a scrape
-- and in which order, a "scrape" holds one value for each: little-endian doubles, deflated by zlib.

create table series (
  id bigint primary key,
  fingerprint text not null unique,
  labels text not null
);

create table layouts (
  id bigint primary key,
  digest text not null unique,
  ids bytea not null
);

create table scrapes (
  id bigint primary key,
  source text not null,
  at bigint not null,
  layout bigint not null,
  amount bigint not null,
  doubles bytea not null
);
create index scrapes_at on scrapes (at, amount);
create index scrapes_source on scrapes (source, at);
create index scrapes_layout on scrapes (layout);

-- Whose turn it is (one node scrapes a target, the others find that it was done), and why the last one brought nothing.
create table scrape_turns (
  target text primary key,
  due_at bigint not null,
  problem text not null default ''
);
