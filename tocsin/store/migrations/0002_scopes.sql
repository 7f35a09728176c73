-- Tokens that reach only a part of what their role may, and end by themselves. A session refers to the token that began
-- it, so that it ends with it; sessions from before can't be told apart and end now.
alter table tokens add column scopes text not null default '';
alter table tokens add column expires_at bigint;
alter table tokens add column last_used_at bigint;

delete from sessions;
alter table sessions add column token text not null default '';
alter table sessions add column seen_at bigint not null default 0;
alter table sessions add column device text not null default '';
create index sessions_name on sessions (name, created_at);
