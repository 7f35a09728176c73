-- A notice is a row for each way to its receiver. "place" is the way's turn; "urgency" 0: a page, 1: a question, 2: a
-- word; "bundle" is what several notices that became one share; state "spare": tried only when the way before it fails,
-- "failed": given up while another way is left, "dropped": no longer wanted, "error" says why.
alter table outbox add column notice text not null default '';
alter table outbox add column person text not null default '';
alter table outbox add column via text not null default '';
alter table outbox add column place bigint not null default 0;
alter table outbox add column urgency bigint not null default 0;
alter table outbox add column bundle text not null default '';
alter table outbox add column why text not null default '';
create index outbox_notice on outbox (notice);
create index outbox_waiting on outbox (incident) where state in ('due', 'spare');
create index outbox_person on outbox (person, created_at);
create index outbox_bundle on outbox (bundle) where bundle <> '';
create index outbox_over on outbox (due_at) where state in ('done', 'dropped', 'failed');

alter table deliveries add column incident text not null default '';
create index deliveries_person on deliveries (person, at);
create index deliveries_incident on deliveries (incident, at) where incident <> '';

-- Each way to a person: whether a code that was sent there came back, and how it went last. "contact" is a hash of the
-- address, so that another one counts as unverified.
create table methods (
  person text not null,
  via text not null,
  contact text not null,
  verified_at bigint,
  verified_by text not null default '',
  ok_at bigint,
  failed_at bigint,
  error text not null default '',
  code text not null default '',
  code_until bigint,
  tries bigint not null default 0,
  primary key (person, via)
);
