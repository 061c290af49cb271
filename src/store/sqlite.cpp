#include <patron/store/sqlite.hpp>

#include "checks.hpp"
#include "sqlite_check.hpp"
#include "sqlite_directory.hpp"
#include "sqlite_journal.hpp"
#include "sqlite_references.hpp"
#include "sqlite_schema.hpp"
#include "sqlite_snapshot.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <limits>
#include <mutex>
#include <thread>

namespace patron::inline v1::store {

using namespace store_detail;

namespace {

constexpr std::size_t longest_entry = std::size_t{256} << 20U;

/// What can be said of a batch without looking at what is held.
result<void> check_batch(append_batch const& batch) {
    if (auto const sound = check_entries(batch); !sound) return sound;
    for (auto const& e : batch.entries) {
        if (e.bytes.size() + e.customer.size() > longest_entry) {
            return error{.code = errc::too_long,
                         .field = "bytes",
                         .saw = std::to_string(e.bytes.size()) + " bytes",
                         .remedy = "an entry has at most " + std::to_string(longest_entry)};
        }
    }
    return {};
}

std::int64_t clamped(std::uint64_t n) noexcept {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(n, std::numeric_limits<std::int64_t>::max()));
}

error not_from_within(char const* what) {
    return {.code = errc::impossible_now,
            .field = what,
            .saw = "a call from within a decider or a visitor of the same store",
            .remedy = "let it return first, and write then"};
}

}  // namespace

struct sqlite_store::impl {
    explicit impl(sqlite_options o)
        : options{std::move(o)},
          internals{options.internals ? options.internals : std::make_shared<sqlite_internals const>()},
          calls{internals->snapshot_files ? internals->snapshot_files : system_files()} {}
    ~impl() { close(); }
    impl(impl const&) = delete;
    impl& operator=(impl const&) = delete;

    // -- what is held ------------------------------------------------------------------------------------------------

    sqlite_options options;
    std::shared_ptr<sqlite_internals const> internals;
    std::shared_ptr<files> calls;
    std::string file;  ///< in full, as SQLite has it
    database db;
    journal rows{db};
    directory places{db, *internals};

    std::recursive_mutex guard;  ///< of the connection and of all below; a decider and a visitor read while it is held
    std::atomic<std::thread::id> holder{};
    int depth = 0;              ///< how often the holder has it
    bool reading = false;       ///< a transaction that only reads is open
    bool writing = false;       ///< one that writes
    std::optional<error> lost;  ///< why the open transaction cannot be finished any more

    bool fresh = false;          ///< what follows is what the file holds, but for what others have written since
    std::int64_t seen_data = 0;  ///< SQLite's number that changes when others write
    journal_mark held;           ///< with what is pending
    std::uint64_t next = 1;      ///< position of the next entry
    digest chained{};            ///< of the last row
    reference_index references;
    std::uint64_t next_at_begin = 1;  ///< when the open transaction began

    body_writer pending;  ///< the row that is being filled
    std::uint64_t pending_first = 1;
    std::uint32_t pending_decisions = 0;
    bool wrote = false;  ///< whether there is anything to commit
    bool secure = false;

    std::mutex snapshot_guard;  ///< one saves at a time

    prepared data_version{"PRAGMA data_version"};
    prepared begin_reading{"BEGIN"};
    prepared begin_writing{"BEGIN IMMEDIATE"};
    prepared commit{"COMMIT"};
    prepared put_note{
        "INSERT INTO note VALUES(?1, ?2, ?3) ON CONFLICT(name) DO UPDATE SET value = excluded.value, seal = "
        "excluded.seal"};
    prepared put_personal{
        "INSERT INTO personal VALUES(?1, ?2, ?3, ?4) ON CONFLICT(customer, pseudonym) DO UPDATE "
        "SET text = excluded.text, seal = excluded.seal"};

    // -- opening and closing -----------------------------------------------------------------------------------------

    [[nodiscard]] char const* vfs() const noexcept { return internals->vfs.empty() ? nullptr : internals->vfs.c_str(); }

    result<void> open(std::string const& path) {
        auto opened = open_database(path, {.read_only = options.read_only,
                                           .create = options.create,
                                           .busy_timeout = options.busy_timeout,
                                           .vfs = vfs(),
                                           .later_steps = internals->later_steps});
        if (!opened) return opened.error();
        db = std::move(opened.value());
        file = sqlite3_db_filename(db.raw(), "main");
        auto const set = db.run(std::string{"PRAGMA synchronous="} +
                                    (options.synchronous == sqlite_synchronous::full ? "FULL" : "NORMAL") +
                                    "; PRAGMA cache_size=-" + std::to_string(options.cache_bytes / 1'024) +
                                    "; PRAGMA wal_autocheckpoint=" + std::to_string(pages_before_checkpoint) +
                                    "; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=OFF; PRAGMA cell_size_check=ON",
                                "open");
        if (!set) return set.error();
        auto const looked = read([]() -> result<void> { return {}; });
        if (!looked && !(options.for_repair && looked.error().code == errc::damaged)) return looked;
        return {};
    }

    /// Leaves the next opening less to read. What fails here is done then.
    void close() noexcept {
        try {
            if (db.raw() == nullptr || options.read_only || !fresh) return;
            if (places.tail().size() < internals->run_worth_closing) return;
            db.be_patient_for({});
            (void)write([&]() -> result<void> {
                wrote = true;
                return places.write_run(next - 1, held);
            });
        } catch (...) {
            fresh = false;  // no memory: then not
        }
    }

    // -- one at a time -----------------------------------------------------------------------------------------------

    class turn {
    public:
        explicit turn(impl& i) : impl_{i}, lock_{i.guard} {
            if (impl_.depth++ == 0) impl_.holder = std::this_thread::get_id();
        }
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;
        ~turn() {
            if (--impl_.depth == 0) impl_.holder = std::thread::id{};
        }

    private:
        impl& impl_;
        std::unique_lock<std::recursive_mutex> lock_;
    };
    [[nodiscard]] bool is_my_turn() const noexcept { return holder.load() == std::this_thread::get_id(); }

    /// Runs `body` on a view of the store that does not change meanwhile: in a decider, with what is appended so far.
    template <class Body>
    auto read(Body&& body) -> std::invoke_result_t<Body> {
        turn const mine{*this};
        if (writing) {
            if (lost) return *lost;
            try {
                if (auto const done = flush_row(); !done) return lose(done.error());
            } catch (...) {  // how far it came is not known
                lose(rolled_back());
                throw;
            }
            auto out = body();
            if (!is_in_transaction()) return lose(rolled_back());
            return out;
        }
        if (reading) return body();
        if (auto const begun = query{db, begin_reading}.done(); !begun) return begun.error();
        struct ending {
            impl& i;
            ~ending() {
                i.reading = false;
                i.end_transaction();
            }
        } const end{*this};
        reading = true;
        if (auto const known = look(); !known) return known.error();
        return body();
    }

    /// Runs `body` in a transaction of its own; what it returns an error of is undone.
    template <class Body>
    auto write(Body&& body) -> std::invoke_result_t<Body> {
        turn const mine{*this};
        if (reading || writing) return not_from_within("write");
        if (auto const begun = begin(); !begun) return begun.error();
        undo_unless_done const undo{*this};
        auto out = body();
        if (!out) return out;
        if (auto const done = finish(); !done) return done.error();
        return out;
    }

    void end_transaction() noexcept {
        if (sqlite3_get_autocommit(db.raw()) == 0) {
            sqlite3_exec(db.raw(), "ROLLBACK", nullptr, nullptr,
                         nullptr);  // of a reader it is as good as any other end
        }
    }

    /// A transaction that writes ends by `finish`, or is undone here.
    struct undo_unless_done {
        impl& i;
        ~undo_unless_done() {
            if (i.writing) i.undo();
        }
    };

    result<void> begin(bool with_what_is_held = true) {
        if (options.read_only) {
            return error{.code = errc::not_supported,
                         .field = "write",
                         .saw = "a store that was opened to be read only",
                         .remedy = "open it without read_only",
                         .source = db.path()};
        }
        if (auto const begun = query{db, begin_writing}.done(); !begun) return begun.error();
        writing = true;
        wrote = false;
        lost.reset();
        next_at_begin = std::numeric_limits<std::uint64_t>::max();
        if (auto const plain = overwrite_deleted(false); !plain) {
            undo();
            return plain;
        }
        if (!with_what_is_held) return {};
        if (auto const known = look(); !known) {
            undo();
            return known;
        }
        next_at_begin = next;
        pending_first = next;
        return {};
    }
    result<void> finish() {
        if (lost) return *lost;
        if (auto const done = flush_row(); !done) return done.error();
        if (wrote && places.tail().size() >= internals->run_pairs) {
            if (auto const done = places.write_run(next - 1, held); !done) return done;
        }
        if (!wrote) {
            end_transaction();
        } else if (auto const done = query{db, commit}.done(); !done) {
            return done.error();
        }
        writing = false;
        references.keep();
        return {};
    }
    /// Forgets what was not committed; what the file holds is read anew when it is next asked.
    void undo() noexcept {
        end_transaction();
        writing = false;
        fresh = false;
        pending.clear();
        pending_decisions = 0;
        rows.forget();
        references.undo(0, next_at_begin);
        lost.reset();
    }
    /// SQLite rolls a transaction back by itself when a read fails for the disk or for memory: what would be written then
    /// would be written at once, and alone.
    [[nodiscard]] bool is_in_transaction() const noexcept { return sqlite3_get_autocommit(db.raw()) == 0; }
    [[nodiscard]] error rolled_back() const {
        return {.code = errc::io_failure,
                .field = "append",
                .saw = "a transaction that was rolled back in the middle",
                .remedy = "nothing of it was kept: try again",
                .source = db.path()};
    }
    error lose(error e) {
        if (!lost) lost = std::move(e);
        return *lost;
    }

    // -- what the file holds -----------------------------------------------------------------------------------------

    /// Brings what is known up to what the file holds. Precondition: a transaction is open, and nothing pending.
    result<void> look() {
        std::int64_t data = 0;
        {
            query q{db, data_version};
            auto const found = q.next();
            if (!found) return found.error();
            data = q.number(0);
        }
        if (fresh && data == seen_data) return {};
        if (auto const same = still_of_this_release(); !same) return same;
        if (!fresh) {
            places.forget();
            held = {};
            next = 1;
            chained = {};
        }
        fresh = false;
        auto const written_before = places.written();
        if (auto const done = places.load(); !done) return done;
        auto const written = places.written();
        if (written >= next || written < written_before) {
            held = written == 0 ? journal_mark{} : *places.runs().back().end;
            places.tail().clear();
            next = written + 1;
            auto const before = rows.digest_before(next);
            if (!before) return before.error();
            chained = before.value();
        } else {
            places.tail().drop_up_to(written);
        }
        auto const done = rows.scan(next, [&](std::uint64_t, digest const& d, std::string_view body) -> result<bool> {
            body_reader reader{body};
            journal_entry e;
            while (reader.next(e)) {
                places.tail().add(key_of(e.slot, e.customer), next++);
                ++held.versions.of(e.slot);
                if (kind_of_entry(e.bytes) == entry_kind::decision_made) ++held.decisions;
            }
            if (!reader.sound()) return damaged_row(db, next, "bytes that are no entry");
            chained = d;
            return true;
        });
        if (!done) return done;
        fresh = true;
        seen_data = data;
        return {};
    }

    /// Another process may be of a later release, and have brought the file on.
    result<void> still_of_this_release() {
        auto const schema =
            schema_of(db, static_cast<std::int64_t>(schema_steps().size() + internals->later_steps.size()));
        if (!schema) return schema.error();
        return {};
    }

    // -- appending ---------------------------------------------------------------------------------------------------

    result<void> flush_row() {
        if (pending.count() == 0) return {};
        auto const body = pending.body();
        auto const d = digest_of_row(view_of(chained), pending_first, body);
        if (auto const done = rows.insert(pending_first, d, body); !done) return done;
        if (pending_decisions > 0) {
            auto const first = held.decisions - pending_decisions + 1;
            if (auto const done = rows.insert_outbox(first, pending_first); !done) return done;
        }
        chained = d;
        pending.clear();
        pending_first = next;
        pending_decisions = 0;
        return {};
    }

    result<void> add(journal_entry const& e) {
        if (!pending.has_room_for(e)) {
            if (auto const done = flush_row(); !done) return done;
        }
        pending.add(e);
        places.tail().add(key_of(e.slot, e.customer), next++);
        ++held.versions.of(e.slot);
        if (kind_of_entry(e.bytes) == entry_kind::decision_made) {
            ++held.decisions;
            ++pending_decisions;
        }
        return {};
    }

    /// What becomes of one batch of a transaction: refused, with nothing of it written; or written; or, with `lost`
    /// set, neither.
    result<append_outcome> admit(append_batch const& batch) {
        std::array<bool, slots_in_all> vouched{};
        for (auto const& e : batch.expected) {
            auto const count = held.versions.of(e.slot);
            if (!e.version.allows(count)) return stale(e.slot, count);
            if (!e.version.is_any()) vouched[e.slot] = true;
        }
        auto const is_looked_up = [&](journal_entry const& e) {
            return !vouched[e.slot] && kind_of_entry(e.bytes) == entry_kind::fact_told;
        };
        append_outcome out;
        std::vector<bool> is_duplicate;
        if (std::any_of(batch.entries.begin(), batch.entries.end(), is_looked_up)) {
            if (auto const done = load_references(); !done) return lose(done.error());
            auto const added_before = references.added_for_now();
            auto found = find_duplicates(batch, is_looked_up);
            if (!found) {
                references.undo(added_before, next);
                return found.error();
            }
            is_duplicate = std::move(found.value());
        } else if (references.loaded() && references.next() == next) {
            auto at = next;
            for (auto const& e : batch.entries) { note_reference(e, at++); }
            references.reached(at);
        }
        for (std::size_t i = 0; i < batch.entries.size(); ++i) {
            if (!is_duplicate.empty() && is_duplicate[i]) {
                ++out.duplicate;
                continue;
            }
            if (auto const done = add(batch.entries[i]); !done) return lose(done.error());
            ++out.appended;
        }
        if (auto const done = put_beside(batch); !done) return lose(done.error());
        if (out.appended > 0 || !batch.personal.empty() || !batch.notes.empty()) wrote = true;
        return out;
    }

    result<void> put_beside(append_batch const& batch) {
        if (!batch.personal.empty()) {
            if (auto const done = overwrite_deleted(true); !done) return done;
        }
        for (auto const& p : batch.personal) {
            if (auto const done = query{db, put_personal}
                                      .with(std::string_view{p.customer}, std::string_view{p.pseudonym},
                                            std::string_view{p.text}, seal_of_row({p.customer, p.pseudonym, p.text}))
                                      .done();
                !done) {
                return done;
            }
        }
        for (auto const& [name, value] : batch.notes) {
            if (auto const done = query{db, put_note}
                                      .with(std::string_view{name}, std::string_view{value}, seal_of_row({name, value}))
                                      .done();
                !done) {
                return done;
            }
        }
        return {};
    }
    /// A text that is replaced or erased does not stay in a corner of the file; of other rows that would cost for nothing.
    result<void> overwrite_deleted(bool on) {
        if (secure == on) return {};
        secure = on;
        return db.run(on ? "PRAGMA secure_delete=ON" : "PRAGMA secure_delete=OFF", "write");
    }

    /// Brings all that was appended to its place, so that the log keeps nothing of what was erased, unless others read it.
    void empty_log() {
        turn const mine{*this};
        if (reading || writing) return;
        db.be_patient_for(std::chrono::milliseconds{100});
        sqlite3_wal_checkpoint_v2(db.raw(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        db.be_patient_for(options.busy_timeout);
    }

    // -- references --------------------------------------------------------------------------------------------------

    void note_reference(journal_entry const& e, std::uint64_t position) {
        if (kind_of_entry(e.bytes) != entry_kind::fact_told) return;
        if (auto const ref = reference_in(e.bytes)) {
            references.add_for_now(reference_index::key_of(e.slot, *ref), position);
        }
    }

    /// Knows then of every reference before `next`.
    result<void> load_references() {
        if (references.loaded() && references.next() == next) return {};
        if (auto const done = flush_row(); !done) return done;
        auto at = references.next();
        auto const done = rows.scan(at, [&](std::uint64_t, digest const&, std::string_view body) -> result<bool> {
            body_reader reader{body};
            journal_entry e;
            for (; reader.next(e); ++at) {
                if (at >= next_at_begin) {
                    note_reference(e, at);
                } else if (kind_of_entry(e.bytes) == entry_kind::fact_told) {
                    if (auto const ref = reference_in(e.bytes))
                        references.add(reference_index::key_of(e.slot, *ref), at);
                }
            }
            if (!reader.sound()) return damaged_row(db, at, "bytes that are no entry");
            references.reached(at);
            return true;
        });
        if (!done) return done;
        references.set_loaded();
        return {};
    }

    /// Which of the batch's facts came before. Every other fact's reference is known then. Errors: a refusal, or `lost`.
    template <class Predicate>
    result<std::vector<bool>> find_duplicates(append_batch const& batch, Predicate const& is_looked_up) {
        std::vector<std::string_view> refs(batch.entries.size());
        std::vector<std::uint64_t> keys(batch.entries.size());
        for (std::size_t i = 0; i < batch.entries.size(); ++i) {
            auto const& e = batch.entries[i];
            if (!is_looked_up(e)) continue;
            auto const ref = reference_in(e.bytes);
            if (!ref) {
                return error{.code = errc::malformed,
                             .field = "bytes",
                             .saw = hex_of(e.bytes.substr(0, 40)),
                             .remedy = "a fact's bytes are what encode makes of it"};
            }
            refs[i] = *ref;
            keys[i] = reference_index::key_of(e.slot, *ref);
        }
        std::vector<bool> out(batch.entries.size());
        std::vector<std::size_t> accepted;  // of the batch, by their position from `next` on
        accepted.reserve(batch.entries.size());
        std::vector<std::uint64_t> candidates;
        for (std::size_t i = 0; i < batch.entries.size(); ++i) {
            if (i % reference_index::fetched_together == 0) {
                auto const end = std::min(i + reference_index::fetched_together, keys.size());
                for (auto later = i; later < end; ++later) references.fetch(keys[later]);
            }
            auto const& e = batch.entries[i];
            auto const at = next + accepted.size();
            if (!is_looked_up(e)) {
                note_reference(e, at);
                accepted.push_back(i);
                continue;
            }
            auto const ref = refs[i];
            auto const key = keys[i];
            candidates.clear();
            references.find(key, candidates);
            bool is_new = true;
            for (auto const candidate : candidates) {
                auto same = compare(batch, accepted, candidate, e, ref);
                if (!same) return same.error();
                if (!same.value()) continue;  // another reference with that hash
                if (!*same.value()) return conflicting(ref);
                is_new = false;
                break;
            }
            if (is_new) {
                references.add_for_now(key, at);
                accepted.push_back(i);
            } else {
                out[i] = true;
            }
        }
        references.reached(next + accepted.size());
        return out;
    }

    /// Nothing when the entry at `position` has another reference; otherwise whether it is `e`.
    result<std::optional<bool>> compare(append_batch const& batch, std::vector<std::size_t> const& accepted,
                                        std::uint64_t position, journal_entry const& e, std::string_view ref) {
        auto const with = [&](journal_entry const& before) -> std::optional<bool> {
            if (before.slot != e.slot || kind_of_entry(before.bytes) != entry_kind::fact_told) return {};
            if (auto const its = reference_in(before.bytes); !its || *its != ref) return {};
            return before == e;
        };
        if (position >= next + accepted.size()) return std::optional<bool>{};  // it was undone
        if (position >= next) return with(batch.entries[accepted[static_cast<std::size_t>(position - next)]]);
        if (position >= pending_first) {
            if (auto const done = flush_row(); !done) return lose(done.error());
        }
        entry_cursor cursor{rows};
        auto const before = cursor.at(position);
        if (!before) return lose(before.error());
        return with(before.value());
    }

    // -- many threads, one transaction -------------------------------------------------------------------------------

    struct request {
        append_batch const* batch = nullptr;
        append_decider const* decide = nullptr;
        std::optional<result<append_outcome>> answer{};
        std::exception_ptr thrown{};
        std::condition_variable wake{};
        bool done = false;
        bool leads = false;
    };

    std::mutex queue_guard;
    std::vector<request*> waiting;
    bool led = false;            ///< somebody is writing for those who wait
    std::size_t last_group = 1;  ///< how many it wrote for
    std::vector<request*> group;

    result<append_outcome> queue(request& mine) {
        if (is_my_turn()) return not_from_within("append");
        std::unique_lock lock{queue_guard};
        waiting.push_back(&mine);
        if (led) {
            mine.wake.wait(lock, [&] { return mine.done || mine.leads; });
            if (mine.done) return answer_of(mine);
        }
        led = true;
        wait_for_others(lock);
        group.clear();
        group.swap(waiting);
        last_group = group.size();
        lock.unlock();
        serve(group);
        lock.lock();
        for (auto* const each : group) {
            each->done = true;
            if (each != &mine) each->wake.notify_one();  // while locked: it is gone as soon as it knows
        }
        if (waiting.empty()) {
            led = false;
        } else {
            waiting.front()->leads = true;
            waiting.front()->wake.notify_one();
        }
        lock.unlock();
        return answer_of(mine);
    }
    static result<append_outcome> answer_of(request& r) {
        if (r.thrown) std::rethrow_exception(r.thrown);
        return std::move(*r.answer);
    }

    /// Those whom the last transaction has served will soon be back with their next: they are worth waiting for a little,
    /// a part of what a flush takes.
    void wait_for_others(std::unique_lock<std::mutex>& lock) {
        if (last_group < 2) return;
        constexpr auto patience = std::chrono::microseconds{60};
        auto const until = std::chrono::steady_clock::now() + patience;
        while (waiting.size() < last_group && std::chrono::steady_clock::now() < until) {
            lock.unlock();
            std::this_thread::yield();
            lock.lock();
        }
    }

    void serve(std::vector<request*> const& all) noexcept {
        turn const mine{*this};
        try {
            if (auto const done = serve_or_fail(all); !done) {
                for (auto* const each : all) each->answer = done.error();
            }
        } catch (...) {
            if (writing) undo();
            for (auto* const each : all) each->thrown = std::current_exception();
        }
    }
    /// An error is everybody's: nothing was appended.
    result<void> serve_or_fail(std::vector<request*> const& all) {
        if (auto const begun = begin(); !begun) return begun;
        undo_unless_done const undo{*this};
        for (auto* const each : all) {
            if (each->decide == nullptr) {
                each->answer = admit(*each->batch);
            } else {
                decide(*each);
            }
            if (!lost && !is_in_transaction()) lose(rolled_back());
            if (lost) return *lost;
        }
        return finish();
    }
    void decide(request& r) {
        std::optional<result<append_batch>> batch;
        try {
            batch = (*r.decide)();
        } catch (...) {  // its caller's concern; the others go on
            r.thrown = std::current_exception();
            return;
        }
        if (!lost && !is_in_transaction()) lose(rolled_back());
        if (lost) return;  // its reads have failed, whatever it made of that
        if (!*batch) {
            r.answer = batch->error();
        } else if (auto const sound = check_batch(batch->value()); !sound) {
            r.answer = sound.error();
        } else {
            r.answer = admit(batch->value());
        }
    }

    // -- reading -----------------------------------------------------------------------------------------------------

    result<void> visit(std::vector<std::uint64_t> const& positions, std::size_t from,
                       std::function<bool(journal_entry const&)> const& is_wanted, entry_visitor const& each) {
        entry_cursor cursor{rows};
        for (auto i = from; i < positions.size(); ++i) {
            auto const e = cursor.at(positions[i]);
            if (!e) return e.error();
            if (is_wanted(e.value()) && !each(e.value())) break;
        }
        return {};
    }

    result<void> read_slot(std::uint16_t slot, std::uint64_t after, entry_visitor const& each) {
        if (slot >= slots_in_all || after >= held.versions.of(slot)) return {};
        auto const& runs = places.runs();
        std::size_t skipped = 0;
        while (skipped < runs.size() && runs[skipped].end->versions.of(slot) <= after) ++skipped;
        auto const before = skipped == 0 ? 0 : runs[skipped - 1].end->versions.of(slot);
        std::vector<std::uint64_t> positions;
        if (auto const done = places.find(keys_of_slot(slot), skipped, positions); !done) return done;
        if (before + positions.size() != held.versions.of(slot)) {
            return db.damaged(
                "directory, slot " + std::to_string(slot),
                std::to_string(before + positions.size()) + " entries, not " + std::to_string(held.versions.of(slot)),
                "the journal has it all: rebuild_directory makes it anew");
        }
        return visit(
            positions, static_cast<std::size_t>(after - before), [](journal_entry const&) { return true; }, each);
    }

    result<void> read_customer(std::string_view code, entry_visitor const& each) {
        auto const slot = slot_of_customer(code);
        std::vector<std::uint64_t> positions;
        auto const own = key_of(slot, {});
        if (auto const done = places.find({own, own}, 0, positions); !done) return done;
        if (!code.empty()) {
            auto const key = key_of(slot, code);
            auto const middle = static_cast<std::ptrdiff_t>(positions.size());
            if (auto const done = places.find({key, key}, 0, positions); !done) return done;
            std::inplace_merge(positions.begin(), positions.begin() + middle, positions.end());
        }
        return visit(
            positions, 0,
            [&](journal_entry const& e) { return e.slot == slot && (e.customer.empty() || e.customer == code); }, each);
    }

    result<void> read_since(slot_versions const& seen, entry_visitor const& each) {
        auto const all_seen = [&](slot_versions const& held_then) {
            for (std::uint16_t s = 0; s < slots_in_all; ++s) {
                if (held_then.of(s) > seen.of(s)) return false;
            }
            return true;
        };
        if (all_seen(held.versions)) return {};
        // from the last mark on before which everything was seen
        auto const marks = places.marks();
        if (!marks) return marks.error();
        std::size_t low = 0;
        journal_mark from;
        std::uint64_t position = 0;
        for (auto high = marks.value().size(); low < high;) {
            auto const middle = (low + high) / 2;
            auto const mark = places.mark_at(marks.value()[middle]);
            if (!mark) return mark.error();
            if (all_seen(mark.value().versions)) {
                from = mark.value();
                position = marks.value()[middle];
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return rows.scan(position + 1, [&](std::uint64_t, digest const&, std::string_view body) -> result<bool> {
            body_reader reader{body};
            journal_entry e;
            while (reader.next(e)) {
                if (++from.versions.of(e.slot) > seen.of(e.slot) && !each(e)) return false;
            }
            if (!reader.sound()) return damaged_row(db, position + 1, "bytes that are no entry");
            return true;
        });
    }

    result<std::vector<kept_decision>> decisions(std::uint64_t from, std::uint64_t most) {
        std::vector<kept_decision> out;
        from = std::max<std::uint64_t>(from, 1);
        if (from > held.decisions) return out;
        query q{db,
                "SELECT position, entry FROM outbox WHERE position >= coalesce((SELECT position FROM outbox "
                "WHERE position <= ?1 ORDER BY position DESC LIMIT 1), 1) ORDER BY position"};
        q.with(clamped(from));
        while (out.size() < most) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) break;
            auto const row = rows.row_of(q.natural(1));
            if (!row) return row.error();
            auto position = q.natural(0);
            body_reader reader{row.value()->body};
            journal_entry e;
            while (reader.next(e) && out.size() < most) {
                if (kind_of_entry(e.bytes) != entry_kind::decision_made) continue;
                if (position >= from) {
                    if (position != from + out.size()) {
                        return db.damaged("outbox", "decision " + std::to_string(position) + ", not " +
                                                        std::to_string(from + out.size()));
                    }
                    out.push_back({position, e.slot, std::string{e.customer}, std::string{e.bytes.substr(1)}});
                }
                ++position;
            }
        }
        if (out.size() < most && from + out.size() <= held.decisions) {
            return db.damaged("outbox", "nothing of decision " + std::to_string(from + out.size()));
        }
        return out;
    }

    // -- snapshots ---------------------------------------------------------------------------------------------------

    [[nodiscard]] std::string snapshot_path() const { return file + ".snapshot"; }

    result<void> save_snapshot(std::vector<slot_image> const& images) {
        if (is_my_turn()) return not_from_within("save_snapshot");
        std::lock_guard const one{snapshot_guard};
        auto const path = snapshot_path();
        remove_left_beside(*calls, path);
        auto record = record_of(0, images);
        // what the file will be is known to the database before it is there: whenever this is interrupted, the file that
        // is there, the old one or this, can be checked
        auto const announced = write([&]() -> result<void> {
            query q{db, "SELECT coalesce(max(generation), 0) + 1 FROM snapshot"};
            auto const found = q.next();
            if (!found) return found.error();
            record.generation = q.number(0);
            record.seal = view_of(seal_of_snapshot(record.generation, record.images));
            wrote = true;
            return query{db, "INSERT INTO snapshot VALUES(?1, 0, ?2, ?3)"}
                .with(record.generation, blob(record.seal), blob(record.images))
                .done();
        });
        if (!announced) return announced;
        auto const beside = temporary_beside(path);
        if (auto const done = write_snapshot(*calls, beside, record, images); !done) return done;
        auto const placed = write([&]() -> result<void> {
            query q{db, "SELECT 1 FROM snapshot WHERE generation = ?1"};
            auto const found = q.with(record.generation).next();
            if (!found) return found.error();
            if (!found.value()) return {};  // another process has saved a later one meanwhile
            if (auto const done = calls->rename(beside, path); !done) return done;
            if (auto const done = calls->sync_folder_of(path); !done) return done;
            wrote = true;
            if (auto const done =
                    query{db, "UPDATE snapshot SET placed = 1 WHERE generation = ?1"}.with(record.generation).done();
                !done) {
                return done;
            }
            return query{db, "DELETE FROM snapshot WHERE generation < ?1"}.with(record.generation).done();
        });
        calls->remove(beside);
        return placed;
    }

    result<std::optional<kept_snapshot>> load_snapshot() {
        if (is_my_turn()) return not_from_within("load_snapshot");
        auto loaded =
            load_snapshot_of(*calls, snapshot_path(), [&](auto const& find) { return read([&] { return find(db); }); });
        if (!loaded) return loaded.error();
        if (!loaded.value()) return std::optional<kept_snapshot>{};
        return std::optional{std::move(loaded.value()->images)};
    }

    result<bool> each_image(unsigned threads, image_visitor const& take) {
        if (is_my_turn()) return not_from_within("each_image");
        auto const found =
            open_snapshot(*calls, snapshot_path(), [&](auto const& find) { return read([&] { return find(db); }); });
        if (!found) return found.error();
        if (!found.value()) return false;
        if (auto const done = read_each(*found.value(), std::clamp(threads, 1U, 64U), take); !done) return done.error();
        return true;
    }

    // -- copies ------------------------------------------------------------------------------------------------------

    result<void> backup(std::string const& to) {
        if (is_my_turn()) return not_from_within("backup");
        std::lock_guard const one{snapshot_guard};
        std::error_code unknown;
        auto const path = std::filesystem::absolute(to, unknown).string();
        for (auto const& each : {path, path + ".snapshot", path + "-wal"}) {
            if (std::filesystem::exists(std::filesystem::symlink_status(each, unknown))) {
                return error{.code = errc::io_failure,
                             .field = "backup",
                             .saw = "something is there already",
                             .remedy = "choose another path",
                             .source = each};
            }
        }
        remove_left_beside(*calls, path);
        auto const beside = temporary_beside(path);
        auto const beside_snapshot = beside + ".snapshot";
        auto done = copy_to(beside, beside_snapshot);
        auto const with_snapshot = done && done.value();
        if (done && with_snapshot) {
            if (auto const named = calls->rename_to_new(beside_snapshot, path + ".snapshot"); !named)
                done = named.error();
        }
        if (done) {
            if (auto const named = calls->rename_to_new(beside, path); !named) {
                done = named.error();
                if (with_snapshot) calls->remove(path + ".snapshot");
            } else if (auto const kept = calls->sync_folder_of(path); !kept) {
                done = kept.error();
            }
        }
        for (auto const& left : {beside, beside + "-wal", beside + "-shm", beside_snapshot}) calls->remove(left);
        if (!done) return done.error();
        return {};
    }

    /// Whether there is a snapshot along with it. Reads by a connection of its own, so that appends go on.
    result<bool> copy_to(std::string const& beside, std::string const& beside_snapshot) {
        {
            auto created = calls->create(beside);  // so that nobody else's file is written to
            if (!created) return created.error();
            calls->close(created.value());
        }
        auto source = another_connection();
        if (!source) return source.error();
        auto copy = database::open(beside, beside, SQLITE_OPEN_READWRITE, vfs(), options.busy_timeout);
        if (!copy) return copy.error();
        auto& to = copy.value();
        {
            auto* const both = sqlite3_backup_init(to.raw(), "main", source.value().raw(), "main");
            if (both == nullptr) return to.failed("backup");
            auto const until = std::chrono::steady_clock::now() + options.busy_timeout;
            auto code = sqlite3_backup_step(both, -1);
            while ((code == SQLITE_BUSY || code == SQLITE_LOCKED) && std::chrono::steady_clock::now() < until) {
                std::this_thread::sleep_for(std::chrono::milliseconds{1});
                code = sqlite3_backup_step(both, -1);
            }
            auto const ended = sqlite3_backup_finish(both);
            if (code != SQLITE_DONE) return to.failed("backup", code);
            if (ended != SQLITE_OK) return to.failed("backup", ended);
        }
        auto const snapshot = load_snapshot_of(*calls, snapshot_path(), [&](auto const& find) { return find(to); });
        auto const found = snapshot && snapshot.value();
        if (found) {
            auto const record = snapshot_in(to, snapshot.value()->generation);
            if (!record) return record.error();
            if (auto const done =
                    write_snapshot(*calls, beside_snapshot, record.value().value(), snapshot.value()->images.slots);
                !done) {
                return done.error();
            }
            auto const only =
                query{to, "DELETE FROM snapshot WHERE generation <> ?1"}.with(snapshot.value()->generation).done();
            if (!only) return only.error();
            if (auto const set = to.run("UPDATE snapshot SET placed = 1", "backup"); !set) return set.error();
        } else if (auto const none = to.run("DELETE FROM snapshot", "backup"); !none) {
            return none.error();
        }
        if (auto const whole = to.run("PRAGMA wal_checkpoint(TRUNCATE)", "backup"); !whole) return whole.error();
        return found;
    }

    [[nodiscard]] result<database> another_connection() {
        return database::open(file, db.path(), options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, vfs(),
                              options.busy_timeout);
    }

    // -- mending -----------------------------------------------------------------------------------------------------

    result<void> rebuild_directory() {
        if (is_my_turn()) return not_from_within("rebuild_directory");
        turn const mine{*this};
        if (auto const begun = begin(false); !begun) return begun;
        undo_unless_done const undone{*this};
        fresh = false;
        wrote = true;
        if (auto const done = places.clear(); !done) return done;
        held = {};
        next = 1;
        auto const read_all = rows.scan(1, [&](std::uint64_t, digest const&, std::string_view body) -> result<bool> {
            body_reader reader{body};
            journal_entry e;
            while (reader.next(e)) {
                places.tail().add(key_of(e.slot, e.customer), next++);
                ++held.versions.of(e.slot);
                if (kind_of_entry(e.bytes) == entry_kind::decision_made) ++held.decisions;
            }
            if (!reader.sound()) return damaged_row(db, next, "bytes that are no entry");
            if (places.tail().size() < internals->run_pairs) return true;
            if (auto const done = places.write_run(next - 1, held); !done) return done.error();
            return true;
        });
        if (!read_all) return read_all;
        return finish();
    }
};

// -- what is called --------------------------------------------------------------------------------------------------

sqlite_store::sqlite_store(std::unique_ptr<impl> i) noexcept : impl_{std::move(i)} {}
sqlite_store::sqlite_store(sqlite_store&&) noexcept = default;
sqlite_store& sqlite_store::operator=(sqlite_store&&) noexcept = default;
sqlite_store::~sqlite_store() = default;

result<sqlite_store> sqlite_store::open(std::string const& path, sqlite_options options) {
    auto opened = std::make_unique<impl>(std::move(options));
    if (auto const done = opened->open(path); !done) return done.error();
    return sqlite_store{std::move(opened)};
}

result<append_outcome> sqlite_store::append(append_batch const& batch) {
    if (auto const sound = check_batch(batch); !sound) return sound.error();
    impl::request mine{.batch = &batch};
    return impl_->queue(mine);
}

result<append_outcome> sqlite_store::append_with(append_decider const& decide) {
    impl::request mine{.decide = &decide};
    return impl_->queue(mine);
}

result<slot_versions> sqlite_store::versions() {
    return impl_->read([&]() -> result<slot_versions> { return impl_->held.versions; });
}

result<void> sqlite_store::read_slot(std::uint16_t slot, std::uint64_t after, entry_visitor const& each) {
    return impl_->read([&] { return impl_->read_slot(slot, after, each); });
}

result<void> sqlite_store::read_customer(std::string_view code, entry_visitor const& each) {
    return impl_->read([&] { return impl_->read_customer(code, each); });
}

result<void> sqlite_store::read_since(slot_versions const& seen, entry_visitor const& each) {
    return impl_->read([&] { return impl_->read_since(seen, each); });
}

result<std::vector<kept_decision>> sqlite_store::decisions(std::uint64_t from, std::uint64_t most) {
    return impl_->read([&] { return impl_->decisions(from, most); });
}

result<std::uint32_t> sqlite_store::add_rulebook(std::string_view version, std::string_view text) {
    auto const held = rulebooks();
    if (!held) return held.error();
    for (auto const& r : held.value()) {
        if (r.text == text) return r.number;
    }
    return impl_->write([&]() -> result<std::uint32_t> {
        query q{impl_->db,
                "SELECT coalesce((SELECT number FROM rulebook WHERE text = ?1), "
                "-1 - (SELECT count(*) FROM rulebook))"};
        auto const found = q.with(text).next();
        if (!found) return found.error();
        if (q.number(0) >= 0) return static_cast<std::uint32_t>(q.number(0));
        auto const number = static_cast<std::uint32_t>(-1 - q.number(0));
        auto const seal = digest_of_rulebook(number, version, text);
        auto const done = query{impl_->db, "INSERT INTO rulebook VALUES(?1, ?2, ?3, ?4)"}
                              .with(number, version, text, blob(view_of(seal)))
                              .done();
        if (!done) return done.error();
        impl_->wrote = true;
        return number;
    });
}

result<std::vector<kept_rulebook>> sqlite_store::rulebooks() {
    return impl_->read([&]() -> result<std::vector<kept_rulebook>> {
        std::vector<kept_rulebook> out;
        query q{impl_->db, "SELECT number, version, text, digest FROM rulebook ORDER BY number"};
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) return out;
            auto& r = out.emplace_back(static_cast<std::uint32_t>(q.number(0)), q.text(1), q.text(2));
            if (q.bytes(3) != view_of(digest_of_rulebook(r.number, r.version, r.text))) {
                return impl_->db.damaged("rulebook " + std::to_string(r.number), "another text than was added");
            }
        }
    });
}

result<std::vector<personal_text>> sqlite_store::personal(std::string_view customer) {
    return impl_->read([&]() -> result<std::vector<personal_text>> {
        std::vector<personal_text> out;
        query q{impl_->db, "SELECT pseudonym, text, seal FROM personal WHERE customer = ?1 ORDER BY pseudonym"};
        q.with(customer);
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) return out;
            auto& p = out.emplace_back(std::string{customer}, q.text(0), q.text(1));
            if (q.number(2) != seal_of_row({p.customer, p.pseudonym, p.text})) {
                return impl_->db.damaged("personal text of " + p.customer, "another text than was written",
                                         "erase it, or put back a backup");
            }
        }
    });
}

result<std::uint64_t> sqlite_store::erase_personal(std::string_view customer, std::string_view pseudonym) {
    auto const erased = impl_->write([&]() -> result<std::uint64_t> {
        if (auto const on = impl_->overwrite_deleted(true); !on) return on.error();
        auto const done = query{impl_->db, "DELETE FROM personal WHERE customer = ?1 AND (?2 = '' OR pseudonym = ?2)"}
                              .with(customer, pseudonym)
                              .done();
        if (!done) return done.error();
        auto const count = static_cast<std::uint64_t>(sqlite3_changes64(impl_->db.raw()));
        impl_->wrote = count > 0;
        return count;
    });
    if (erased && erased.value() > 0) impl_->empty_log();
    return erased;
}

result<std::optional<std::string>> sqlite_store::note(std::string_view name) {
    return impl_->read([&]() -> result<std::optional<std::string>> {
        query q{impl_->db, "SELECT value, seal FROM note WHERE name = ?1"};
        auto const found = q.with(name).next();
        if (!found) return found.error();
        if (!found.value()) return std::optional<std::string>{};
        auto value = q.text(0);
        if (q.number(1) != seal_of_row({name, value})) {
            return impl_->db.damaged("note " + std::string{name}, "another text than was written");
        }
        return std::optional{std::move(value)};
    });
}

result<void> sqlite_store::save_snapshot(std::vector<slot_image> const& images) { return impl_->save_snapshot(images); }
result<std::optional<kept_snapshot>> sqlite_store::load_snapshot() { return impl_->load_snapshot(); }
result<bool> sqlite_store::each_image(unsigned threads, image_visitor const& take) {
    return impl_->each_image(threads, take);
}

result<store_report> sqlite_store::verify() {
    auto looked_at = impl_->another_connection();
    if (!looked_at) return looked_at.error();
    return check_store(looked_at.value(), *impl_->calls, impl_->snapshot_path());
}

result<void> sqlite_store::backup(std::string const& path) { return impl_->backup(path); }
result<void> sqlite_store::rebuild_directory() { return impl_->rebuild_directory(); }

result<sqlite_info> sqlite_store::info() {
    return impl_->read([&]() -> result<sqlite_info> {
        auto const schema = pragma_number(impl_->db, "PRAGMA user_version");
        if (!schema) return schema.error();
        auto const pages = pragma_number(impl_->db, "PRAGMA page_count");
        if (!pages) return pages.error();
        auto const page = pragma_number(impl_->db, "PRAGMA page_size");
        if (!page) return page.error();
        return sqlite_info{.file = impl_->file,
                           .sqlite_version = sqlite3_libversion(),
                           .schema = static_cast<std::uint32_t>(schema.value()),
                           .entries = impl_->next - 1,
                           .decisions = impl_->held.decisions,
                           .bytes = static_cast<std::uint64_t>(pages.value() * page.value()),
                           .runs = impl_->places.runs().size(),
                           .not_yet_sorted = impl_->places.tail().size()};
    });
}

}  // namespace patron::v1::store
