#pragma once
// The tables of a book in PostgreSQL, and how they came to be as they are. `@` stands for the schema.
//
// Everything that belongs to a slot has it as its distribution column, in its key and in every join, and no statement
// that changes such a table calls a volatile function: a distributed PostgreSQL (Citus) takes no others.
#include <array>
#include <string_view>

namespace patron::store_detail {

/// Each brings the tables from the format before it to its own; never changed once released.
inline constexpr std::array pg_migrations{
    R"(
CREATE TABLE @meta (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO @meta VALUES ('application', 'patron'), ('format', '1');

-- who may write to a slot, and the slot's head: how many entries it has, the digest of its last row
CREATE TABLE @lease (
    slot smallint PRIMARY KEY,
    holder text,
    epoch bigint NOT NULL DEFAULT 0,
    until timestamptz,
    wanted_by text,
    wanted_until timestamptz,
    version bigint NOT NULL DEFAULT 0,
    digest bytea NOT NULL DEFAULT ''
) WITH (fillfactor = 40);  -- each append changes its rows: room to do so in place
INSERT INTO @lease (slot) SELECT s::smallint FROM generate_series(0, 1024) AS s;

-- a row holds entries of one slot that were appended together; rows never change
CREATE TABLE @journal (
    slot smallint NOT NULL,
    first bigint NOT NULL,
    count integer NOT NULL,
    facts integer NOT NULL,
    customers bytea NOT NULL,
    body bytea NOT NULL,
    before bytea NOT NULL,
    digest bytea NOT NULL,
    batch bytea NOT NULL,
    PRIMARY KEY (slot, first)
) PARTITION BY RANGE (slot);
ALTER TABLE @journal ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE @journal_0 PARTITION OF @journal FOR VALUES FROM (MINVALUE) TO (128);
CREATE TABLE @journal_1 PARTITION OF @journal FOR VALUES FROM (128) TO (256);
CREATE TABLE @journal_2 PARTITION OF @journal FOR VALUES FROM (256) TO (384);
CREATE TABLE @journal_3 PARTITION OF @journal FOR VALUES FROM (384) TO (512);
CREATE TABLE @journal_4 PARTITION OF @journal FOR VALUES FROM (512) TO (640);
CREATE TABLE @journal_5 PARTITION OF @journal FOR VALUES FROM (640) TO (768);
CREATE TABLE @journal_6 PARTITION OF @journal FOR VALUES FROM (768) TO (896);
CREATE TABLE @journal_7 PARTITION OF @journal FOR VALUES FROM (896) TO (MAXVALUE);

-- decisions that have no position yet, and those that have one
CREATE TABLE @unsequenced (
    slot smallint NOT NULL,
    ticket bigserial NOT NULL,
    first bigint NOT NULL,
    entry bigint NOT NULL,
    PRIMARY KEY (slot, ticket)
);
CREATE TABLE @outbox (
    position bigint PRIMARY KEY,
    slot smallint NOT NULL,
    first bigint NOT NULL,
    entry bigint NOT NULL
);
CREATE TABLE @counter (name text PRIMARY KEY, value bigint NOT NULL);
INSERT INTO @counter VALUES ('outbox', 0), ('rulebook', 0);

CREATE TABLE @rulebook (number integer PRIMARY KEY, version bytea NOT NULL, text bytea NOT NULL);
CREATE TABLE @personal (
    slot smallint NOT NULL,
    customer bytea NOT NULL,
    pseudonym bytea NOT NULL,
    text bytea NOT NULL,
    PRIMARY KEY (slot, customer, pseudonym)
);
CREATE TABLE @note (name bytea PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE @snapshot (
    slot smallint PRIMARY KEY,
    nth integer NOT NULL,  -- among those that it was saved with
    version bigint NOT NULL,
    bytes bytea NOT NULL,
    digest bytea NOT NULL
);
ALTER TABLE @snapshot ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE TABLE @worker (name text PRIMARY KEY, until timestamptz NOT NULL);
)"};

inline constexpr std::array<std::string_view, 11> pg_tables{"meta",   "lease",    "journal",  "unsequenced",
                                                            "outbox", "counter",  "rulebook", "personal",
                                                            "note",   "snapshot", "worker"};

// leases; statement_timestamp() is the server's clock when a statement came in. A statement that waited for a
// lock is thereby too careful, never too bold, and unlike clock_timestamp() it is not volatile.

inline constexpr char const acquire_sql[] =
    "UPDATE @lease SET holder = $1::text, epoch = epoch + 1, until = statement_timestamp() + $3::bigint * interval '1 "
    "ms', "
    "wanted_by = NULL, wanted_until = NULL "
    "WHERE slot = ANY($2::smallint[]) "
    "AND (holder IS NULL OR holder = $1::text OR until <= statement_timestamp()) "
    "AND (wanted_by IS NULL OR wanted_by = $1::text OR wanted_until <= statement_timestamp()) "
    "RETURNING slot, epoch, version, digest";
inline constexpr char const want_sql[] =
    "UPDATE @lease SET wanted_by = $1::text, wanted_until = statement_timestamp() + $3::bigint * interval '1 ms' "
    "WHERE slot = ANY($2::smallint[]) AND holder <> $1::text "
    "AND (wanted_by IS NULL OR wanted_by = $1::text OR wanted_until <= statement_timestamp())";
inline constexpr char const renew_sql[] =
    "UPDATE @lease SET until = statement_timestamp() + $3::bigint * interval '1 ms' "
    "WHERE slot = ANY($2::smallint[]) AND holder = $1::text RETURNING slot, epoch";
inline constexpr char const wanted_sql[] =
    "SELECT slot FROM @lease WHERE holder = $1::text AND wanted_by <> $1::text "
    "AND wanted_until > statement_timestamp() ORDER BY slot";
inline constexpr char const release_sql[] =
    "UPDATE @lease SET holder = NULL, until = NULL WHERE slot = ANY($2::smallint[]) AND holder = $1::text";
inline constexpr char const holder_sql[] =
    "SELECT coalesce(holder, ''), coalesce(wanted_by, ''), "
    "coalesce(to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), '') "
    "FROM @lease WHERE slot = $1::smallint";
inline constexpr char const free_sql[] =
    "SELECT slot FROM @lease WHERE (holder IS NULL OR until <= statement_timestamp()) "
    "AND (wanted_by IS NULL OR wanted_by = $1::text OR wanted_until <= statement_timestamp()) "
    "ORDER BY slot LIMIT $2::bigint";
inline constexpr char const alive_sql[] =
    "INSERT INTO @worker (name, until) VALUES ($1::text, statement_timestamp() + $2::bigint * interval '1 ms') "
    "ON CONFLICT (name) DO UPDATE SET until = excluded.until";
inline constexpr char const gone_sql[] =
    "DELETE FROM @worker WHERE name = $1::text OR until < statement_timestamp() - interval '1 hour'";
inline constexpr char const workers_sql[] = "SELECT count(*) FROM @worker WHERE until > statement_timestamp()";

// appends

/// Locks the rows of all slots of an append and moves their heads, those that are still ours and as we know them.
inline constexpr char const fence_sql[] =
    "UPDATE @lease AS l SET version = u.after, digest = u.digest, "
    "until = statement_timestamp() + $7::bigint * interval '1 ms' "
    "FROM unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[]) "
    "AS u(slot, epoch, before, after, digest) "
    "WHERE l.slot = u.slot AND l.holder = $1::text AND l.epoch = u.epoch AND l.version = u.before RETURNING l.slot";
/// The same where everything is sent in one go: it fails (division_by_zero) unless the rows are as many as they should be,
/// and what follows is not done.
inline constexpr char const fence_or_fail_sql[] =
    "WITH fenced AS (UPDATE @lease AS l SET version = u.after, digest = u.digest, "
    "until = statement_timestamp() + $7::bigint * interval '1 ms' "
    "FROM unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[]) "
    "AS u(slot, epoch, before, after, digest) "
    "WHERE l.slot = u.slot AND l.holder = $1::text AND l.epoch = u.epoch AND l.version = u.before RETURNING l.slot) "
    "SELECT 1 / CASE WHEN count(*) = cardinality($2::smallint[]) THEN 1 ELSE 0 END FROM fenced";
inline constexpr char const fence_one_or_fail_sql[] =
    "WITH fenced AS (UPDATE @lease SET version = $5::bigint, digest = $6::bytea, "
    "until = statement_timestamp() + $7::bigint * interval '1 ms' "
    "WHERE slot = $2::smallint AND holder = $1::text AND epoch = $3::bigint AND version = $4::bigint RETURNING slot) "
    "SELECT 1 / count(*) FROM fenced";
inline constexpr char const ours_sql[] =
    "SELECT slot, epoch, version FROM @lease WHERE slot = ANY($2::smallint[]) AND holder = $1::text";
inline constexpr char const insert_rows_sql[] =
    "INSERT INTO @journal (slot, first, count, facts, customers, body, before, digest, batch) "
    "SELECT u.slot, u.first, u.count, u.facts, u.customers, u.body, u.before, u.digest, $9::bytea "
    "FROM unnest($1::smallint[], $2::bigint[], $3::integer[], $4::integer[], $5::bytea[], $6::bytea[], $7::bytea[], "
    "$8::bytea[]) AS u(slot, first, count, facts, customers, body, before, digest)";
inline constexpr char const copy_rows_sql[] =
    "COPY @journal (slot, first, count, facts, customers, body, before, digest, batch) FROM STDIN (FORMAT binary)";
inline constexpr char const insert_decisions_sql[] =
    "INSERT INTO @unsequenced (slot, first, entry) SELECT u.slot, u.first, u.entry "
    "FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS u(slot, first, entry, nth) ORDER BY "
    "u.nth";
inline constexpr char const insert_personal_sql[] =
    "INSERT INTO @personal (slot, customer, pseudonym, text) SELECT u.slot, u.customer, u.pseudonym, u.text "
    "FROM unnest($1::smallint[], $2::bytea[], $3::bytea[], $4::bytea[]) AS u(slot, customer, pseudonym, text) "
    "ON CONFLICT (slot, customer, pseudonym) DO UPDATE SET text = excluded.text";
inline constexpr char const insert_notes_sql[] =
    "INSERT INTO @note (name, value) SELECT u.name, u.value FROM unnest($1::bytea[], $2::bytea[]) AS u(name, value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value";
/// Whether a process of the server is still at work. One that waits for a client who will not come back is ended: it
/// cannot be in the middle of a commit.
inline constexpr char const still_there_sql[] =
    "SELECT CASE WHEN state LIKE 'idle%' THEN pg_terminate_backend(pid) END FROM pg_stat_activity "
    "WHERE pid = $1::integer AND (extract(epoch FROM backend_start) * 1000000)::bigint = $2::bigint";
/// Ends those who hold locks on rows of leases that have run out and whom the server waits to hear from: it would wait as
/// long as their machine is gone. One that waits between statements ends by itself, one in the middle of COPY does not.
inline constexpr char const end_silent_sql[] =
    "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a "
    "WHERE a.pid <> pg_backend_pid() AND a.wait_event = 'ClientRead' AND a.state <> 'idle' "
    "AND a.query_start < clock_timestamp() - $2::bigint * interval '1 ms' "
    "AND a.pid IN (SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
    "JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() "
    "AND c.oid = '@lease'::regclass AND l.mode = 'RowExclusiveLock' AND l.granted) "
    "AND EXISTS (SELECT 1 FROM @lease WHERE slot = ANY($1::smallint[]) AND until <= statement_timestamp())";
/// Waits until whoever is in the middle of an append to the slot is through with it.
inline constexpr char const barrier_sql[] = "SELECT version FROM @lease WHERE slot = $1::smallint FOR UPDATE";
inline constexpr char const batch_sql[] = "SELECT batch FROM @journal WHERE slot = $1::smallint AND first = $2::bigint";

// reading

inline constexpr char const versions_sql[] = "SELECT slot, version FROM @lease";
inline constexpr char const start_sql[] =
    "SELECT coalesce(max(first), 0) FROM @journal WHERE slot = $1::smallint AND first <= $2::bigint";
/// Rows that one question asks for, as the statements below say: many, for each question is a journey.
inline constexpr int rows_a_page = 256;
inline constexpr char const rows_sql[] =
    "SELECT first, count, body, before, digest, facts, customers FROM @journal "
    "WHERE slot = $1::smallint AND first >= $2::bigint ORDER BY first LIMIT 256";
inline constexpr char const customer_rows_sql[] =
    "SELECT first, count, body, before, digest FROM @journal WHERE slot = $1::smallint AND first >= $2::bigint "
    "AND (position($3::bytea IN customers) > 0 OR position($4::bytea IN customers) > 0) ORDER BY first LIMIT 256";
inline constexpr char const row_of_entry_sql[] =
    "SELECT first, count, body, before, digest FROM @journal "
    "WHERE slot = $1::smallint AND first <= $2::bigint ORDER BY first DESC LIMIT 1";
inline constexpr char const personal_sql[] =
    "SELECT pseudonym, text FROM @personal WHERE slot = $1::smallint AND customer = $2::bytea ORDER BY pseudonym";
inline constexpr char const erase_sql[] =
    "DELETE FROM @personal WHERE slot = $1::smallint AND customer = $2::bytea "
    "AND ($3::bytea = ''::bytea OR pseudonym = $3::bytea)";
inline constexpr char const note_sql[] = "SELECT value FROM @note WHERE name = $1::bytea";
inline constexpr char const rulebooks_sql[] = "SELECT number, version, text FROM @rulebook ORDER BY number";
inline constexpr char const rulebook_of_sql[] = "SELECT number FROM @rulebook WHERE text = $1::bytea";
inline constexpr char const insert_rulebook_sql[] =
    "INSERT INTO @rulebook (number, version, text) VALUES ($1::integer, $2::bytea, $3::bytea)";
inline constexpr char const count_on_sql[] = "UPDATE @counter SET value = $2::bigint WHERE name = $1::text";
inline constexpr char const counted_sql[] = "SELECT value FROM @counter WHERE name = $1::text FOR UPDATE";
inline constexpr char const count_sql[] = "SELECT value FROM @counter WHERE name = $1::text";
inline constexpr char const save_image_sql[] =
    "INSERT INTO @snapshot (slot, nth, version, bytes, digest) "
    "VALUES ($1::smallint, $2::integer, $3::bigint, $4::bytea, $5::bytea) ON CONFLICT (slot) DO UPDATE "
    "SET nth = excluded.nth, version = excluded.version, bytes = excluded.bytes, digest = excluded.digest";
inline constexpr char const images_sql[] =
    "SELECT slot, version, bytes, digest, nth FROM @snapshot "
    "WHERE nth > $1::integer OR (nth = $1::integer AND slot > $2::smallint) ORDER BY nth, slot LIMIT 8";

// decisions

inline constexpr char const any_unsequenced_sql[] = "SELECT 1 FROM @unsequenced LIMIT 1";
inline constexpr char const unsequenced_sql[] =
    "SELECT ticket, slot, first, entry FROM @unsequenced ORDER BY ticket LIMIT 10000";
inline constexpr char const sequence_sql[] =
    "INSERT INTO @outbox (position, slot, first, entry) SELECT u.position, u.slot, u.first, u.entry "
    "FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[]) AS u(position, slot, first, entry)";
inline constexpr char const sequenced_sql[] =
    "DELETE FROM @unsequenced WHERE slot = ANY($1::smallint[]) AND ticket = ANY($2::bigint[])";
inline constexpr char const outbox_sql[] =
    "SELECT position, slot, first, entry FROM @outbox WHERE position >= $1::bigint ORDER BY position LIMIT $2::bigint";
inline constexpr char const row_sql[] =
    "SELECT first, count, body, before, digest FROM @journal WHERE slot = $1::smallint AND first = $2::bigint";

inline constexpr char const heads_sql[] = "SELECT slot, version, digest FROM @lease ORDER BY slot";

}  // namespace patron::store_detail
