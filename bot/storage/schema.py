"""The tables, as numbered upgrades. An upgrade that has shipped is never changed; a further one is added.

`{serial}` is the database's own growing primary key; everything else is SQL that SQLite and PostgreSQL share.
Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

from bot.errors import StoreTooNew
from bot.storage.query import Query

FIRST = """
create table contact (
    id {serial},
    channel text not null,
    sender text not null,
    name text not null,
    lang text not null,
    created_at double precision not null,
    unique (channel, sender)
);

-- One contact's dialogue at one address. last_seq counts its record; version counts its decisions.
create table conversation (
    id {serial},
    channel text not null,
    chat text not null,
    thread text not null,
    contact integer not null references contact (id),
    state text not null,
    lang text not null,
    memory text not null,
    last_seq integer not null,
    version integer not null,
    created_at double precision not null,
    updated_at double precision not null,
    unique (channel, chat, thread, contact)
);

-- The record: every line that the contact sees.
create table message (
    conversation integer not null references conversation (id),
    seq integer not null,
    author text not null,
    name text not null,
    text text not null,
    buttons text not null,
    at double precision not null,
    primary key (conversation, seq)
);

-- What came in. external_id is unique per channel and bot account, so a repeat is recognised.
create table inbox (
    id {serial},
    channel text not null,
    account text not null,
    external_id text not null,
    conversation integer not null references conversation (id),
    seq integer not null,
    kind text not null,
    value text not null,
    hidden integer not null,
    at double precision not null,
    status text not null,
    unique (channel, account, external_id)
);
create index inbox_new on inbox (conversation, id) where status = 'new';
create index inbox_unhandled on inbox (channel, conversation, id) where status = 'new';

-- What must be sent. Open rows of one address are sent in the order of their id.
create table outbox (
    id {serial},
    channel text not null,
    chat text not null,
    thread text not null,
    conversation integer not null references conversation (id),
    seq integer not null,
    author text not null,
    name text not null,
    text text not null,
    buttons text not null,
    status text not null,
    attempts integer not null,
    repeated integer not null,
    due double precision not null,
    owner text not null,
    leased_until double precision not null,
    error text not null,
    receipt text not null,
    created_at double precision not null,
    sent_at double precision
);
create index outbox_open on outbox (channel, due, id) where status = 'open';
create index outbox_line on outbox (channel, chat, thread, id) where status = 'open';
create index outbox_failed on outbox (status) where status in ('dead', 'uncertain');

create table ticket (
    number {serial},
    conversation integer not null references conversation (id),
    status text not null,
    reason text not null,
    topic text not null,
    entry text not null,
    priority text not null,
    question text not null,
    ask text not null,
    mood text not null,
    opened_at double precision not null,
    closed_at double precision,
    closed_because text not null
);
create unique index ticket_open on ticket (conversation) where status <> 'closed';

-- Questions as asked, and what became of them: for gaps, suggestions and calibration.
create table question (
    id {serial},
    conversation integer not null references conversation (id),
    at double precision not null,
    text text not null,
    lang text not null,
    verdict text not null,
    entry text not null,
    confidence double precision not null,
    helpful integer
);
create index question_of on question (conversation, id);

create table timer (
    conversation integer not null references conversation (id),
    kind text not null,
    due double precision not null,
    primary key (conversation, kind)
);
create index timer_due on timer (due);

-- Who holds the key to a web chat; the key itself is never stored.
create table guest (
    key_hash text primary key,
    chat text not null,
    name text not null,
    lang text not null,
    expires double precision not null
);
create index guest_expires on guest (expires);

create table pulse (id integer primary key, at double precision not null);
"""

PLATFORMS = """
-- What a platform calls a message, and what a contact did with one later. reply_to is the seq of what it quotes.
alter table message add column ref text not null default '';
alter table message add column reply_to integer;
alter table message add column edited_at double precision;
alter table message add column deleted_at double precision;
create index message_ref on message (conversation, ref) where ref <> '';

alter table inbox add column ref text not null default '';
alter table inbox add column album text not null default '';
alter table outbox add column reply_to text not null default '';
alter table outbox add column contact text not null default '';
alter table outbox add column kind text not null default '';
alter table outbox add column files text not null default '[]';

-- Files, by the platform's own id for them.
create table file (
    conversation integer not null,
    seq integer not null,
    place integer not null,
    id text not null,
    kind text not null,
    name text not null,
    type text not null,
    size bigint not null,
    channel text not null,
    primary key (conversation, seq, place),
    foreign key (conversation, seq) references message (conversation, seq)
);

-- How far the streams of messages that a platform keeps for us have been read.
create table position (
    channel text not null,
    account text not null,
    stream text not null,
    position bigint not null,
    primary key (channel, account, stream)
);
"""

DESK = """
-- What agents do with a ticket. fields are pairs of name and value; since, steps and promised are the ladder's; waited
-- is in seconds of open time; first_seq is where in the record the ticket begins.
alter table ticket add column lang text not null default '';
alter table ticket add column fields text not null default '[]';
alter table ticket add column owner text not null default '';
alter table ticket add column offered text not null default '';
alter table ticket add column since double precision;
alter table ticket add column steps integer not null default 0;
alter table ticket add column promised double precision;
alter table ticket add column answered_at double precision;
alter table ticket add column waited double precision;
alter table ticket add column snoozed_until double precision;
alter table ticket add column stale_asked integer not null default 0;
alter table ticket add column rating integer;
alter table ticket add column rating_word text not null default '';
alter table ticket add column first_seq integer not null default 0;
create index ticket_by_status on ticket (status, number);
create index ticket_of on ticket (conversation, number);

-- Everything that happened to a ticket; lines are added and never changed. actor is an agent, 'contact' or 'bot'.
create table history (
    id {serial},
    ticket integer not null references ticket (number),
    at double precision not null,
    kind text not null,
    actor text not null,
    detail text not null
);
create index history_of on history (ticket, id);

-- Where a ticket is on each desk; a thread that begins with # is not opened yet.
create table place (
    ticket integer not null references ticket (number),
    channel text not null,
    chat text not null,
    thread text not null,
    primary key (ticket, channel)
);
create index place_at on place (channel, chat, thread);

-- Chats that have another id now; the configuration may still name the old one of a desk.
create table desk_moved (channel text not null, old text not null, new text not null, primary key (channel, old));

-- Agents who are away, and when each was given a ticket last. Who is missing is there.
create table agent (
    name text primary key,
    away integer not null,
    changed_at double precision not null,
    given_at double precision
);

-- Ways into the console: links that work once, and sessions; only hashes of the keys are kept.
create table link (key_hash text primary key, agent text not null, expires double precision not null);
create table session (key_hash text primary key, agent text not null, expires double precision not null);

-- Files that visitors of the web chat sent: body is base64.
create table upload (
    id text primary key,
    chat text not null,
    name text not null,
    type text not null,
    size bigint not null,
    body text not null,
    at double precision not null
);
create index upload_of on upload (chat);

-- Where an agent wrote a message of the record: ref is the platform's id of it there.
alter table inbox add column markdown text not null default '';
alter table message add column source_channel text not null default '';
alter table message add column source_chat text not null default '';

-- desk: for agents. target is a message that is changed: by its place in the record, or by the platform's id.
alter table outbox add column desk integer not null default 0;
alter table outbox add column ticket integer not null default 0;
alter table outbox add column act text not null default 'send';
alter table outbox add column target_seq integer not null default 0;
alter table outbox add column target text not null default '';
alter table outbox add column title text not null default '';
alter table outbox add column mentions text not null default '[]';
create index outbox_shows on outbox (conversation, seq);
create index outbox_receipt on outbox (channel, chat, receipt) where desk = 1 and receipt <> '';
"""

UPGRADES: tuple[str, ...] = (FIRST, PLATFORMS, DESK)


def statements(upgrade: str, serial: str) -> list[str]:
    """The single statements of an upgrade, for this database."""
    lines = [line for line in upgrade.replace("{serial}", serial).splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]


def upgrade(q: Query, serial: str) -> int:
    """Bring the database to the newest version: the version it had. Raises StoreTooNew."""
    q("create table if not exists schema_version (version integer not null)")
    rows = q("select version from schema_version")
    had = int(rows[0][0]) if rows else 0
    if had > len(UPGRADES):
        raise StoreTooNew(
            f"this database has version {had}, and this Frontdesk knows versions up to {len(UPGRADES)}: "
            "install the Frontdesk that wrote it, or restore a backup made before"
        )
    for script in UPGRADES[had:]:
        for statement in statements(script, serial):
            q(statement)
    if rows:
        q("update schema_version set version = ?", (len(UPGRADES),))
    else:
        q("insert into schema_version values (?)", (len(UPGRADES),))
    return had
