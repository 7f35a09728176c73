-- An incident's channel in a chat. "posted" is how far its timeline was told there, "sending" how far the post under way
-- goes (0: none), so that a restart asks the chat before it repeats. There is something to tell while "wanted" is more
-- than "told"; not before "free_at", which keeps the chat's limits and waits after a fault.
create table rooms (
  chat text not null,
  incident text not null,
  channel text not null default '',
  name text not null default '',
  private bigint not null default 0,
  topic text not null default '',
  invited text not null default '',
  posted bigint not null default 0,
  sending bigint not null default 0,
  wanted bigint not null default 0,
  told bigint not null default 0,
  free_at bigint not null default 0,
  lease_until bigint,
  attempts bigint not null default 0,
  error text not null default '',
  primary key (chat, incident)
);
create unique index rooms_channel on rooms (chat, channel) where channel <> '';
create index rooms_due on rooms (chat, free_at) where wanted > told;

-- Messages there that are kept current: the incident's own and each question. "shown" is a digest of what they say.
create table room_posts (
  chat text not null,
  incident text not null,
  key text not null,
  message text not null,
  shown text not null,
  primary key (chat, incident, key)
);

-- What came in from a chat and must not count twice: events that are sent again, requests that are replayed.
create table chat_heard (
  id text primary key,
  at bigint not null
);
create index chat_heard_at on chat_heard (at);
