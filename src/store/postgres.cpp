#include <patron/fact/fact.hpp>
#include <patron/store/postgres.hpp>

#include "checks.hpp"
#include "digest.hpp"
#include "postgres_check.hpp"
#include "postgres_format.hpp"
#include "postgres_rows.hpp"
#include "postgres_schema.hpp"
#include "postgres_session.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace patron::inline v1::store {

using namespace store_detail;

namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t row_bytes = std::size_t{256} << 10U;    // a journal row is cut when it has so many
constexpr std::size_t group_bytes = std::size_t{16} << 20U;   // what one transaction takes of waiting appends
constexpr std::size_t entry_limit = std::size_t{256} << 20U;  // far below what a column takes
constexpr std::size_t copy_from = 32;                         // rows from which COPY is the faster way
constexpr auto wish_lasts = milliseconds{3'000};
static_assert(slots_in_all == 1'025, "the tables are made with that many");

std::string random_bytes(std::size_t count) {
    std::string raw(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(count)) != 1) throw std::bad_alloc{};
    return raw;
}

std::string default_holder() {
    char host[256] = "host";
    (void)gethostname(host, sizeof host - 1);
    return std::string{host} + ':' + std::to_string(getpid()) + ':' + hex_of(random_bytes(6));
}

/// One append that waits for its turn.
struct request {
    append_decider const* decide = nullptr;
    append_batch const* batch = nullptr;
    std::optional<append_batch> decided{};
    std::vector<slot_expectation> as_seen{};  ///< what a decider saw of slots that were not held while it decided
    std::vector<std::uint16_t> reserved{};
    std::optional<result<append_outcome>> outcome{};
    std::exception_ptr thrown{};
    bool to_wait = false;     ///< decided, and needs leases that others hold
    bool is_settled = false;  ///< `outcome` is what became of it, and not only what was accepted
    bool done = false;

    void refuse(error e) { outcome.emplace(std::move(e)); }
    [[nodiscard]] std::size_t bytes() const {
        std::size_t n = 0;
        if (batch != nullptr) {
            for (auto const& e : batch->entries) n += e.bytes.size() + e.customer.size();
        }
        return n;
    }
};

std::vector<std::uint16_t> slots_of(append_batch const& batch) {
    std::vector<std::uint16_t> out;
    std::array<bool, slots_in_all> is{};
    for (auto const& e : batch.entries) is[e.slot] = true;
    for (auto const& e : batch.expected) is[e.slot] = true;
    for (std::uint16_t s = 0; s < slots_in_all; ++s) {
        if (is[s]) out.push_back(s);
    }
    return out;
}

error lost_lease(std::uint16_t slot) {
    return {.code = errc::lease_lost,
            .field = "slot " + std::to_string(slot),
            .saw = "another process took it over",
            .remedy = "read what is new in the slot, and decide again"};
}

result<void> check_more(append_batch const& batch) {
    if (auto const sound = check_entries(batch); !sound) return sound;
    for (auto const& e : batch.entries) {
        if (e.bytes.size() > entry_limit || e.customer.size() > entry_limit) {
            return error{.code = errc::too_long,
                         .field = "bytes",
                         .saw = std::to_string(e.bytes.size()) + " bytes",
                         .remedy = "an entry has at most 256 MiB"};
        }
    }
    return {};
}

}  // namespace

struct postgres_store::impl {
    std::shared_ptr<pg_place const> place;
    postgres_options options;
    std::string holder;

    // -- leases ------------------------------------------------------------------------------------------------------
    struct slot_state {
        bool held = false;
        bool leaving = false;        ///< to be released when nothing is under way in it
        bool lost = false;           ///< taken over, and nobody was told yet
        std::uint32_t reserved = 0;  ///< appends that count on it
        std::uint64_t epoch = 0;
        std::uint64_t version = 0;  ///< the slot's head while it is held
        chain_end head{};
        steady::time_point trusted_until{};
    };
    // guards `slots` and `worker`; never held while the server is asked
    mutable std::mutex guard;
    std::array<slot_state, slots_in_all> slots{};
    bool worker = false;

    // one at a time asks for, renews or releases leases. Taken behind `turn`, before `guard`
    std::mutex lease_guard;
    session leaser;

    // An append's transaction and a renewal lock the same rows in different orders: they take turns. A renewal goes
    // first, so that a busy writer cannot keep it waiting until the leases are over.
    struct turns {
        std::mutex guard;
        std::condition_variable changed;
        bool taken = false;
        unsigned urgent = 0;

        void take(bool first) {
            std::unique_lock lock{guard};
            if (first) ++urgent;
            changed.wait(lock, [&] { return !taken && (first || urgent == 0); });
            if (first) --urgent;
            taken = true;
        }
        void give() {
            {
                std::lock_guard const lock{guard};
                taken = false;
            }
            changed.notify_all();
        }
    } turn;

    // -- appends -----------------------------------------------------------------------------------------------------
    std::mutex queue_guard;
    std::condition_variable queue_changed;
    std::vector<request*> queue;
    bool led = false;
    std::atomic<std::thread::id> deciding{};  ///< whose decider is asked

    // what only the leader touches
    session writer;
    std::array<std::unique_ptr<slot_references>, slots_in_all> indexes{};
    struct slot_work {
        std::uint16_t slot;
        std::uint64_t epoch;
        std::uint64_t version;  ///< of what the transaction has written
        chain_end head;
        std::vector<journal_entry> entries{};  ///< not written yet
        bool is_expected = false;              ///< somebody decided by what it held: the fence looks at it too
    };
    struct transaction {
        bool begun = false;
        std::string batch{};  ///< the number that its rows bear
        std::vector<slot_work> works{};
        std::array<std::int16_t, slots_in_all> work_of{};  ///< 1 + position in `works`
        std::vector<std::pair<std::uint16_t, std::uint64_t>> decisions{};
        std::map<std::pair<std::string, std::string>, std::string> personal{};
        std::map<std::string, std::string> notes{};
        std::map<std::pair<std::uint16_t, std::uint64_t>, std::vector<std::string>> read_rows{};
        std::size_t read_bytes = 0;
        std::vector<request*> accepted{};
        std::optional<slot_versions> seen{};  ///< before the first decider was asked, where not all slots are held
        steady::time_point asked{};           ///< just before the server was first asked
        std::optional<std::pair<std::uint16_t, std::uint64_t>> written{};  ///< slot and first of one of its rows
        std::vector<std::uint16_t> lost{};                                 ///< slots whose fence did not hold
        std::optional<error> broken{};                                     ///< why it cannot go on
        bool worth_repeating = false;       ///< the connection broke, or others were in the way; nothing was written
        std::set<std::uint16_t> touched{};  ///< slots with entries, written or not
    } tx;

    // -- reading -----------------------------------------------------------------------------------------------------
    std::mutex idle_guard;
    std::vector<std::unique_ptr<session>> idle;

    // -- the beat that renews ----------------------------------------------------------------------------------------
    std::mutex beat_guard;
    std::condition_variable beat_changed;
    std::thread beat;
    std::atomic<bool> ending = false;

    impl(std::shared_ptr<pg_place const> at, postgres_options with)
        : place{std::move(at)},
          options{std::move(with)},
          holder{options.holder.empty() ? default_holder() : options.holder},
          // whoever waits for another's row here keeps this store's own renewals waiting
          leaser{make_session("SET lock_timeout = '" +
                              std::to_string(std::clamp<milliseconds::rep>(options.lease.count() / 8, 50, 2'000)) +
                              "';")},
          // a planner that believes the fence to be of a few rows compares each of a thousand with each
          writer{make_session("SET enable_nestloop = off; SET lock_timeout = '" +
                              std::to_string(std::max<milliseconds::rep>(1'000, options.wait.count())) + "';")} {}

    ~impl() {
        {
            std::lock_guard const lock{beat_guard};
            ending = true;
        }
        beat_changed.notify_all();
        if (beat.joinable()) beat.join();
        // what cannot be released now is over when its time is
        if (leaser.connected()) {
            std::vector<std::uint16_t> mine;
            for (std::uint16_t s = 0; s < slots_in_all; ++s) {
                if (slots[s].held) mine.push_back(s);
            }
            if (!mine.empty()) (void)leaser.run(release_sql, params{}.bytes(holder).smallints(mine));
            if (worker) (void)leaser.run(gone_sql, params{}.bytes(holder));
        }
    }

    session make_session(std::string const& more) const {
        // A process that is stopped in the middle of a transaction would keep rows locked that others may take over
        // once its lease has ended. And acknowledged means durable, whatever the server's default is.
        return {place, options.schema,
                "SET client_min_messages = warning; SET statement_timeout = 0; SET default_transaction_isolation = "
                "'read committed'; "
                "SET idle_in_transaction_session_timeout = '" +
                    std::to_string(std::max<milliseconds::rep>(1'000, options.lease.count())) + "'; " + more +
                    "SELECT set_config('synchronous_commit', 'on', false) "
                    "WHERE current_setting('synchronous_commit') = 'off'"};
    }

    /// Does something with a session, connecting and repeating as long as the server is away.
    template <class F>
    auto steadily(session& s, F const& f) -> decltype(f()) {
        return steadily(s, f, options.reconnect);
    }
    template <class F>
    auto steadily(session& s, F const& f, milliseconds patience) -> decltype(f()) {
        auto const until = steady::now() + patience;
        for (milliseconds pause{10};; pause = std::min(2 * pause, milliseconds{100})) {
            std::optional<error> wrong;
            if (auto const up = s.ready(); !up) {
                wrong = up.error();
            } else {
                auto r = f();
                if (r || (s.met() != trouble::lost && s.met() != trouble::again)) return r;
                wrong = r.error();
            }
            if (ending || steady::now() + pause >= until) return *wrong;
            std::this_thread::sleep_for(pause);
        }
    }

    // -- what others may see of a lease --------------------------------------------------------------------------------

    [[nodiscard]] milliseconds trust() const { return options.lease * 9 / 10; }

    /// One try to get leases of slots that are not held; with `wish` their holders are asked to give way.
    /// Says whether any was had.
    result<bool> acquire_now(std::vector<std::uint16_t> const& which, bool wish) {
        std::lock_guard const one{lease_guard};
        // another thread may have had them meanwhile; again would be a new epoch, and fence off what it does
        std::vector<std::uint16_t> missing;
        {
            std::lock_guard const lock{guard};
            for (auto const slot : which) {
                if (!slots[slot].held) missing.push_back(slot);
            }
        }
        bool had = missing.size() < which.size();
        if (missing.empty()) return had;
        steady::time_point asked;
        auto const got = steadily(leaser, [&] {
            asked = steady::now();
            return leaser.run(acquire_sql, params{}.bytes(holder).smallints(missing).bigint(
                                               static_cast<std::uint64_t>(options.lease.count())));
        });
        if (!got) {
            if (leaser.met() != trouble::locked) return got.error();
            // who is silent in the middle of an append, past its lease, will not be heard of soon
            (void)leaser.run(end_silent_sql,
                             params{}.smallints(missing).bigint(static_cast<std::uint64_t>(options.lease.count())));
            return false;
        }
        std::vector<bool> is_had(slots_in_all);
        {
            std::lock_guard const lock{guard};
            for (int i = 0; i < got.value().rows(); ++i) {
                auto const slot = got.value().smallint(i, 0);
                auto& s = slots[slot];
                s.held = true;
                s.leaving = false;
                s.epoch = got.value().bigint(i, 1);
                s.version = got.value().bigint(i, 2);
                s.head = chain_end{got.value().bytes(i, 3)};
                s.trusted_until = asked + trust();
                is_had[slot] = had = true;
            }
        }
        if (had) start_beat();
        if (wish) {
            std::vector<std::uint16_t> others;
            for (auto const s : missing) {
                if (!is_had[s]) others.push_back(s);
            }
            if (!others.empty()) {
                // only a wish: when it does not get through the wait is longer
                (void)leaser.run(want_sql, params{}.bytes(holder).smallints(others).bigint(
                                               static_cast<std::uint64_t>(wish_lasts.count())));
            }
        }
        return had;
    }

    /// Renews what is held; the slots that turned out to be lost.
    result<std::vector<std::uint16_t>> renew_all(milliseconds patience) {
        turn.take(true);
        std::lock_guard const one{lease_guard};
        std::vector<std::uint16_t> mine;
        {
            std::lock_guard const lock{guard};
            for (std::uint16_t s = 0; s < slots_in_all; ++s) {
                if (slots[s].held) mine.push_back(s);
            }
        }
        if (mine.empty()) {
            turn.give();
            return mine;
        }
        steady::time_point asked;
        auto const lasts = static_cast<std::uint64_t>(options.lease.count());
        auto const got = steadily(
            leaser,
            [&] {
                asked = steady::now();
                return leaser.run(renew_sql, params{}.bytes(holder).smallints(mine).bigint(lasts));
            },
            patience);
        turn.give();
        if (!got) return got.error();
        std::map<std::uint16_t, std::uint64_t> still;
        for (int i = 0; i < got.value().rows(); ++i) still[got.value().smallint(i, 0)] = got.value().bigint(i, 1);
        std::vector<std::uint16_t> lost;
        std::lock_guard const lock{guard};
        for (auto const slot : mine) {
            auto& s = slots[slot];
            if (!s.held) continue;  // an append noticed it meanwhile
            if (auto const found = still.find(slot); found != still.end() && found->second == s.epoch) {
                s.trusted_until = std::max(s.trusted_until, asked + trust());
            } else {
                s.held = s.leaving = false;
                s.lost = true;
                lost.push_back(slot);
            }
        }
        return lost;
    }

    /// Releases slots in which nothing is under way; the others when that is over.
    result<void> release_now(std::vector<std::uint16_t> const& which, milliseconds patience) {
        std::lock_guard const one{lease_guard};
        std::vector<std::uint16_t> out;
        {
            std::lock_guard const lock{guard};
            for (auto const slot : which) {
                auto& s = slots[slot];
                s.lost = false;
                if (!s.held) continue;
                s.leaving = s.reserved > 0;
                if (s.leaving) continue;
                s.held = false;
                out.push_back(slot);
            }
        }
        if (out.empty()) return {};
        auto const done =
            steadily(leaser, [&] { return leaser.run(release_sql, params{}.bytes(holder).smallints(out)); }, patience);
        if (!done) return done.error();
        return {};
    }

    void unreserve(std::vector<std::uint16_t>& reserved) {
        std::vector<std::uint16_t> leave;
        {
            std::lock_guard const lock{guard};
            for (auto const slot : reserved) {
                auto& s = slots[slot];
                if (--s.reserved == 0 && s.leaving && s.held) leave.push_back(slot);
            }
        }
        reserved.clear();
        // if it does not get through, the lease ends by itself
        if (!leave.empty()) (void)release_now(leave, milliseconds{0});
    }

    error who_holds(std::uint16_t slot) {
        std::lock_guard const one{lease_guard};
        auto const got = steadily(leaser, [&] { return leaser.run(holder_sql, params{}.smallint(slot)); });
        if (!got) return got.error();
        auto const& a = got.value();
        if (a.rows() != 1) return damaged_at(slot, 0, "no row in the table of leases");
        std::string saw = a.bytes(0, 0).empty()
                              ? "promised to " + std::string{a.bytes(0, 1)}
                              : "held by " + std::string{a.bytes(0, 0)} + " until " + std::string{a.bytes(0, 2)};
        return error{.code = errc::busy,
                     .field = "slot " + std::to_string(slot),
                     .saw = std::move(saw),
                     .remedy = "wait longer, or stop the process that holds it"};
    }

    /// Makes sure that slots (ascending) are held and stay so until `unreserve`; waits for those that others hold.
    ///
    /// What is below the first slot that is missing is kept, what is above it may be given away: two who wait
    /// for each other's slots thereby agree on who goes first.
    result<void> reserve(std::vector<std::uint16_t> const& wanted, milliseconds wait,
                         std::vector<std::uint16_t>& reserved) {
        auto const until = steady::now() + wait;
        auto wish_at = steady::now();
        std::vector<std::uint16_t> missing;
        std::vector<std::uint16_t> wished;
        int renewals = 0;
        for (milliseconds pause{5};; pause = std::min(2 * pause, milliseconds{100})) {
            missing.clear();
            bool distrusted = false;
            std::optional<std::uint16_t> blocked;
            std::optional<error> wrong;
            {
                std::lock_guard const lock{guard};
                auto const now = steady::now();
                for (auto i = reserved.size(); i < wanted.size(); ++i) {
                    auto& s = slots[wanted[i]];
                    if (s.lost) {
                        s.lost = false;
                        wrong = lost_lease(wanted[i]);
                        break;
                    }
                    auto const usable = s.held && !s.leaving && s.trusted_until > now;
                    if (usable && !blocked) {
                        ++s.reserved;
                        reserved.push_back(wanted[i]);
                    } else if (!usable) {
                        if (!blocked) blocked = wanted[i];
                        if (!s.held) missing.push_back(wanted[i]);
                        distrusted = distrusted || (s.held && !s.leaving);
                    }
                }
            }
            if (wrong) {
                unreserve(reserved);
                return *wrong;
            }
            if (!blocked) return {};
            if (distrusted) {
                if (auto const renewed = renew_all(options.reconnect); !renewed) {
                    unreserve(reserved);
                    return renewed.error();
                }
                // a server that takes longer to answer than a lease lasts never gives one that is to be trusted
                if (steady::now() < until || ++renewals < 3) continue;
            }
            if (!missing.empty()) {
                auto const now = steady::now();
                auto const wish = wait > milliseconds{0} && (now >= wish_at || missing != wished);
                if (wish) {
                    wish_at = now + wish_lasts / 3;
                    wished = missing;
                }
                auto const had = acquire_now(missing, wish);
                if (!had) {
                    unreserve(reserved);
                    return had.error();
                }
                if (had.value()) {
                    pause = milliseconds{5};
                    continue;
                }
            }
            if (steady::now() + pause > until) {
                unreserve(reserved);
                return who_holds(*blocked);
            }
            std::this_thread::sleep_for(pause);
        }
    }

    void start_beat() {
        std::lock_guard const lock{beat_guard};
        if (beat.joinable() || ending) return;
        beat = std::thread{[this] {
            std::unique_lock waiting{beat_guard};
            while (!beat_changed.wait_for(waiting, options.lease / 3, [this] { return ending.load(); })) {
                waiting.unlock();
                on_beat();
                waiting.lock();
            }
        }};
    }

    void on_beat() {
        // a server that is away is asked again at the next beat; nobody is kept waiting for it meanwhile
        auto const patience = options.lease / 10;
        if (auto const lost = renew_all(patience); !lost) return;
        if (options.give_way) {
            auto const asked = wanted(patience);
            if (asked && !asked.value().empty()) (void)release_now(asked.value(), patience);
        }
        std::unique_lock lock{guard};
        auto const is_worker = worker;
        lock.unlock();
        if (is_worker) (void)say_alive(patience);
    }

    result<std::vector<std::uint16_t>> wanted(milliseconds patience) {
        std::lock_guard const one{lease_guard};
        auto const got = steadily(leaser, [&] { return leaser.run(wanted_sql, params{}.bytes(holder)); }, patience);
        if (!got) return got.error();
        std::vector<std::uint16_t> out;
        for (int i = 0; i < got.value().rows(); ++i) out.push_back(got.value().smallint(i, 0));
        return out;
    }

    result<void> say_alive(milliseconds patience) {
        std::lock_guard const one{lease_guard};
        auto const lasts = static_cast<std::uint64_t>(options.lease.count());
        auto const done =
            steadily(leaser, [&] { return leaser.run(alive_sql, params{}.bytes(holder).bigint(lasts)); }, patience);
        if (!done) return done.error();
        return {};
    }

    // -- sessions for reading ------------------------------------------------------------------------------------------

    class borrowed {
    public:
        explicit borrowed(impl& of) : of_{of} {
            std::lock_guard const lock{of_.idle_guard};
            if (of_.idle.empty()) {
                held_ = std::make_unique<session>(of_.make_session({}));
            } else {
                held_ = std::move(of_.idle.back());
                of_.idle.pop_back();
            }
        }
        borrowed(borrowed const&) = delete;
        borrowed& operator=(borrowed const&) = delete;
        ~borrowed() {
            std::lock_guard const lock{of_.idle_guard};
            if (of_.idle.size() < 4) of_.idle.push_back(std::move(held_));
        }
        session& operator*() const { return *held_; }

    private:
        impl& of_;
        std::unique_ptr<session> held_;
    };

    [[nodiscard]] bool in_decider() const { return deciding.load() == std::this_thread::get_id(); }

    /// Reads with `f(session, ask)`, where `ask(text, params)` gives an answer. A decider sees what its transaction has.
    template <class F>
    auto reading(F const& f) -> decltype(f(std::declval<result<answer> (*)(char const*, params const&)>())) {
        if (in_decider()) {
            if (auto const written = write_pending(); !written) return written.error();
            return f([this](char const* text, params const& with) { return ask_writer(text, with); });
        }
        borrowed const s{*this};
        return f(
            [&](char const* text, params const& with) { return steadily(*s, [&] { return (*s).run(text, with); }); });
    }

    result<answer> ask_writer(char const* text, params const& with) {
        if (!tx.begun) {
            return steadily(writer, [&] { return writer.run(text, with); });
        }
        auto got = writer.run(text, with);
        if (!got) break_off(got.error());
        return got;
    }

    // -- the journal, row by row ---------------------------------------------------------------------------------------

    /// Hands `each` the entries of a slot behind the first `after`, with their numbers.
    template <class Ask, class Each>
    result<void> each_entry(Ask const& ask, std::uint16_t slot, std::uint64_t after, Each const& each) {
        auto const start = ask(start_sql, params{}.smallint(slot).bigint(std::min<std::uint64_t>(after, max_entry)));
        if (!start) return start.error();
        auto next = start.value().bigint(0, 0);
        auto known = false;
        std::string head;
        for (;;) {
            auto const page = ask(rows_sql, params{}.smallint(slot).bigint(next));
            if (!page) return page.error();
            for (int i = 0; i < page.value().rows(); ++i) {
                row_view const row{slot, page.value(), i};
                if (row.first != next || (known && row.before != head)) {
                    return damaged_at(slot, next, "a row that is missing or stands in another's place");
                }
                auto const entries = row.entries();
                if (!entries) return entries.error();
                for (std::size_t n = 0; n < entries.value().size(); ++n) {
                    if (row.first + n < after) continue;
                    if (!each(row.first + n, entries.value()[n])) return {};
                }
                next = row.first + row.count;
                head = row.sealed;
                known = true;
            }
            if (page.value().rows() < rows_a_page) return {};
        }
    }
    static constexpr std::uint64_t max_entry = std::numeric_limits<std::int64_t>::max();

    // -- one transaction for the appends of many threads ---------------------------------------------------------------

    void break_off(error e) {
        if (writer.met() == trouble::locked) {
            e.code = errc::busy;
            e.remedy = "somebody keeps rows of the book locked: see pg_locks, and try again";
        }
        tx.worth_repeating = writer.met() == trouble::lost || writer.met() == trouble::again;
        if (!tx.broken) tx.broken = std::move(e);
    }

    slot_work& work_at(std::uint16_t slot) {
        if (tx.work_of[slot] == 0) {
            std::lock_guard const lock{guard};
            auto const& s = slots[slot];
            tx.works.push_back({slot, s.epoch, s.version, s.head});
            tx.work_of[slot] = static_cast<std::int16_t>(tx.works.size());
        }
        return tx.works[static_cast<std::size_t>(tx.work_of[slot] - 1)];
    }

    /// The index of a slot's references, with all that the slot and this transaction have.
    result<slot_references*> index_at(slot_work const& work) {
        auto& index = indexes[work.slot];
        if (!index) index = std::make_unique<slot_references>();
        if (index->covers < work.version) {
            auto const ask = [this](char const* text, params const& with) { return ask_writer(text, with); };
            auto const read = each_entry(ask, work.slot, index->covers, [&](std::uint64_t, journal_entry const& e) {
                index->look_at(e);
                return index->covers < work.version;
            });
            if (!read) {
                index.reset();
                return read.error();
            }
        }
        if (index->covers < work.version) {
            auto const has = index->covers;
            index.reset();
            return damaged_at(work.slot, has, "the slot's head counts more entries than there are");
        }
        for (auto i = index->covers - work.version; i < work.entries.size(); ++i) {
            index->look_at(work.entries[static_cast<std::size_t>(i)]);
        }
        return index.get();
    }

    /// Calls `f(entry)` with the entry of that number.
    template <class F>
    result<void> with_entry(slot_work const& work, std::uint64_t number, F const& f) {
        if (number >= work.version) {
            f(work.entries[static_cast<std::size_t>(number - work.version)]);
            return {};
        }
        // a batch that is sent again asks for entries of the same rows, one after the other
        auto found = tx.read_rows.upper_bound({work.slot, number});
        if (found != tx.read_rows.begin()) {
            --found;
            if (found->first.first == work.slot && number < found->first.second + found->second.size() / 2) {
                auto const at = static_cast<std::size_t>(number - found->first.second) * 2;
                f(journal_entry{work.slot, found->second[at], found->second[at + 1]});
                return {};
            }
        }
        auto const got = ask_writer(row_of_entry_sql, params{}.smallint(work.slot).bigint(number));
        if (!got) return got.error();
        if (got.value().rows() != 1) return damaged_at(work.slot, number, "no row that holds it");
        row_view const row{work.slot, got.value(), 0};
        auto const entries = row.entries();
        if (!entries) return entries.error();
        if (number - row.first >= entries.value().size()) return damaged_at(work.slot, number, "no row that holds it");
        if (tx.read_bytes > group_bytes) {
            tx.read_rows.clear();
            tx.read_bytes = 0;
        }
        auto& kept = tx.read_rows[{work.slot, row.first}];
        for (auto const& e : entries.value()) {
            kept.emplace_back(e.customer);
            kept.emplace_back(e.bytes);
        }
        tx.read_bytes += row.body.size();
        f(entries.value()[static_cast<std::size_t>(number - row.first)]);
        return {};
    }

    /// Whether the fact is there already: no, or yes with the same content, or an error.
    result<bool> is_duplicate(slot_work const& work, journal_entry const& e) {
        auto const index = index_at(work);
        if (!index) return index.error();
        auto const ref = encoded_ref(e.bytes);
        auto const hash = stable_hash(ref);
        auto const first = index.value()->first_of.find(hash);
        if (first == index.value()->first_of.end()) return false;
        std::vector<std::uint64_t> candidates{first->second};
        for (auto [at, end] = index.value()->more.equal_range(hash); at != end; ++at) candidates.push_back(at->second);
        for (auto const number : candidates) {
            bool is_it = false;
            bool same = false;
            auto const looked = with_entry(work, number, [&](journal_entry const& before) {
                is_it = kind_of_entry(before.bytes) == entry_kind::fact_told && encoded_ref(before.bytes) == ref;
                same = before == e;
            });
            if (!looked) return looked.error();
            if (is_it && !same) return conflicting(ref);
            if (is_it) return true;
        }
        return false;
    }

    /// Looks at a request against all that was accepted before it, and takes it up or refuses it.
    void accept(request& r) {
        auto const& batch = *r.batch;
        std::array<bool, slots_in_all> vouched{};
        {
            std::lock_guard const lock{guard};
            for (auto const slot : r.reserved) {
                if (slots[slot].held) continue;
                slots[slot].lost = false;
                return r.refuse(lost_lease(slot));
            }
        }
        for (auto const* expected : {&batch.expected, &std::as_const(r.as_seen)}) {
            for (auto const& e : *expected) {
                auto const& work = work_at(e.slot);
                auto const has = work.version + work.entries.size();
                if (!e.version.allows(has)) return r.refuse(stale(e.slot, has));
                if (!e.version.is_any() && expected == &batch.expected) vouched[e.slot] = true;
            }
        }
        // twins within the batch are found in the index too, so entries are taken up as they are looked at, and
        // taken back when one is refused
        std::vector<std::pair<std::uint16_t, std::size_t>> before;
        std::array<bool, slots_in_all> noted{};
        append_outcome out;
        auto const decisions_before = tx.decisions.size();
        std::optional<error> refused;
        for (auto const& e : batch.entries) {
            auto& work = work_at(e.slot);
            if (!noted[e.slot]) {
                noted[e.slot] = true;
                before.emplace_back(e.slot, work.entries.size());
            }
            auto const kind = kind_of_entry(e.bytes);
            if (!vouched[e.slot] && kind == entry_kind::fact_told) {
                auto const known = is_duplicate(work, e);
                if (!known) {
                    refused = known.error();
                    break;
                }
                if (known.value()) {
                    ++out.duplicate;
                    continue;
                }
            }
            auto const number = work.version + work.entries.size();
            if (kind == entry_kind::decision_made) tx.decisions.emplace_back(e.slot, number);
            work.entries.push_back(e);
            if (auto& index = indexes[e.slot]; index && index->covers == number) index->look_at(e);
            ++out.appended;
        }
        if (refused) {
            for (auto const& [slot, size] : before) {
                auto& work = work_at(slot);
                if (work.entries.size() > size && indexes[slot] && indexes[slot]->covers > work.version + size) {
                    indexes[slot].reset();
                }
                work.entries.resize(size);
            }
            tx.decisions.resize(decisions_before);
            return r.refuse(std::move(*refused));
        }
        for (auto const& [slot, size] : before) {
            if (work_at(slot).entries.size() > size) tx.touched.insert(slot);
        }
        for (auto const* expected : {&batch.expected, &std::as_const(r.as_seen)}) {
            for (auto const& e : *expected) {
                if (!e.version.is_any()) work_at(e.slot).is_expected = true;
            }
        }
        for (auto const& p : batch.personal) tx.personal[{p.customer, p.pseudonym}] = p.text;
        for (auto const& [name, value] : batch.notes) tx.notes[name] = value;
        r.outcome.emplace(out);
        tx.accepted.push_back(&r);
    }

    struct row_draft {
        std::uint16_t slot;
        std::uint64_t first;
        std::int32_t count = 0;
        std::int32_t facts = 0;
        std::string customers{};
        std::string body{};
        chain_end before{};
        chain_end sealed{};
    };

    /// Takes what is pending as rows; the slots' works are then behind them.
    std::vector<row_draft> draft_rows() {
        std::vector<row_draft> rows;
        for (auto& work : tx.works) {
            for (std::size_t i = 0; i < work.entries.size();) {
                row_draft row{.slot = work.slot, .first = work.version, .before = work.head};
                std::vector<std::string_view> customers;
                for (; i < work.entries.size() && (row.count == 0 || row.body.size() < row_bytes); ++i) {
                    auto const& e = work.entries[i];
                    put_length(row.body, e.customer.size());
                    row.body += e.customer;
                    put_length(row.body, e.bytes.size());
                    row.body += e.bytes;
                    customers.push_back(e.customer);
                    ++row.count;
                    if (kind_of_entry(e.bytes) == entry_kind::fact_told) ++row.facts;
                }
                row.customers = keys_of(customers);
                row.sealed = chain_end{digest_of_row(row.before.view(), row.slot, row.first, row.body)};
                work.head = row.sealed;
                work.version += static_cast<std::uint64_t>(row.count);
                rows.push_back(std::move(row));
            }
            work.entries.clear();
        }
        return rows;
    }

    struct fenced_slot {
        std::uint16_t slot;
        std::uint64_t epoch;
        std::uint64_t version;  ///< before what is pending
    };

    params fence_params(std::vector<fenced_slot> const& fenced, bool as_arrays) {
        params out;
        out.bytes(holder);
        auto const lease = static_cast<std::uint64_t>(options.lease.count());
        if (fenced.size() == 1 && !as_arrays) {
            auto const& f = fenced.front();
            auto const& work = work_at(f.slot);
            return out.smallint(f.slot)
                .bigint(f.epoch)
                .bigint(f.version)
                .bigint(work.version)
                .bytes(work.head.view())
                .bigint(lease);
        }
        auto slot_array = array_param::smallints(fenced.size());
        auto epochs = array_param::bigints(fenced.size());
        auto befores = array_param::bigints(fenced.size());
        auto afters = array_param::bigints(fenced.size());
        auto heads = array_param::byteas(fenced.size());
        for (auto const& f : fenced) {
            auto const& work = work_at(f.slot);
            slot_array.add(static_cast<std::int16_t>(f.slot));
            epochs.add(static_cast<std::int64_t>(f.epoch));
            befores.add(static_cast<std::int64_t>(f.version));
            afters.add(static_cast<std::int64_t>(work.version));
            heads.add(work.head.view());
        }
        return out.array(slot_array).array(epochs).array(befores).array(afters).array(heads).bigint(lease);
    }

    /// A fence did not hold: which slots are not ours any more?
    void look_for_lost(std::vector<fenced_slot> const& fenced) {
        (void)writer.script("ROLLBACK");
        tx.begun = false;
        std::vector<std::uint16_t> which;
        which.reserve(fenced.size());
        for (auto const& f : fenced) which.push_back(f.slot);
        auto const got = writer.run(ours_sql, params{}.bytes(holder).smallints(which));
        std::array<bool, slots_in_all> ours{};
        for (int i = 0; got && i < got.value().rows(); ++i) {
            auto const slot = got.value().smallint(i, 0);
            for (auto const& f : fenced) {
                if (f.slot == slot)
                    ours[slot] = f.epoch == got.value().bigint(i, 1) && f.version == got.value().bigint(i, 2);
            }
        }
        for (auto const& f : fenced) {
            if (!ours[f.slot]) tx.lost.push_back(f.slot);
        }
        if (tx.lost.empty()) tx.lost = which;  // they are acquired anew
        break_off(lost_lease(tx.lost.front()));
        tx.worth_repeating = false;
    }

    static std::string copy_form(std::vector<row_draft> const& rows, std::string_view batch) {
        std::string out;
        std::size_t bytes = 0;
        for (auto const& row : rows) bytes += row.body.size() + row.customers.size() + 192;
        out.reserve(bytes);
        auto const field = [&](std::string_view text) {
            put_number(out, static_cast<std::int32_t>(text.size()));
            out += text;
        };
        auto const number = [&](auto v) {
            put_number(out, static_cast<std::int32_t>(sizeof v));
            put_number(out, v);
        };
        for (auto const& row : rows) {
            put_number(out, std::int16_t{9});
            number(static_cast<std::int16_t>(row.slot));
            number(static_cast<std::int64_t>(row.first));
            number(row.count);
            number(row.facts);
            field(row.customers);
            field(row.body);
            field(row.before.view());
            field(row.sealed.view());
            field(batch);
        }
        return out;
    }

    static params row_params(std::vector<row_draft> const& rows, std::string_view batch) {
        auto slot_array = array_param::smallints(rows.size());
        auto firsts = array_param::bigints(rows.size());
        auto counts = array_param::integers(rows.size());
        auto facts = array_param::integers(rows.size());
        auto customers = array_param::byteas(rows.size());
        auto bodies = array_param::byteas(rows.size());
        auto befores = array_param::byteas(rows.size());
        auto seals = array_param::byteas(rows.size());
        for (auto const& row : rows) {
            slot_array.add(static_cast<std::int16_t>(row.slot));
            firsts.add(static_cast<std::int64_t>(row.first));
            counts.add(row.count);
            facts.add(row.facts);
            customers.add(row.customers);
            bodies.add(row.body);
            befores.add(row.before.view());
            seals.add(row.sealed.view());
        }
        params out;
        out.array(slot_array)
            .array(firsts)
            .array(counts)
            .array(facts)
            .array(customers)
            .array(bodies)
            .array(befores)
            .array(seals);
        return out.bytes(batch);
    }

    params decision_params(std::vector<row_draft> const& rows) {
        auto slot_array = array_param::smallints(tx.decisions.size());
        auto firsts = array_param::bigints(tx.decisions.size());
        auto entries = array_param::bigints(tx.decisions.size());
        for (auto const& [slot, entry] : tx.decisions) {
            slot_array.add(static_cast<std::int16_t>(slot));
            firsts.add(static_cast<std::int64_t>(row_of(rows, slot, entry)));
            entries.add(static_cast<std::int64_t>(entry));
        }
        return params{}.array(slot_array).array(firsts).array(entries);
    }

    params personal_params() const {
        auto slot_array = array_param::smallints(tx.personal.size());
        auto customers = array_param::byteas(tx.personal.size());
        auto pseudonyms = array_param::byteas(tx.personal.size());
        auto texts = array_param::byteas(tx.personal.size());
        for (auto const& [who, text] : tx.personal) {
            slot_array.add(static_cast<std::int16_t>(slot_of_customer(who.first)));
            customers.add(who.first);
            pseudonyms.add(who.second);
            texts.add(text);
        }
        return params{}.array(slot_array).array(customers).array(pseudonyms).array(texts);
    }

    params note_params() const {
        auto names = array_param::byteas(tx.notes.size());
        auto values = array_param::byteas(tx.notes.size());
        for (auto const& [name, value] : tx.notes) {
            names.add(name);
            values.add(value);
        }
        return params{}.array(names).array(values);
    }

    /// Writes what is pending into the open transaction, beginning one where there is none; `and_commit` ends it.
    /// An error means that the transaction is broken off; `in_doubt` that it may have been committed.
    result<void> write(bool and_commit, bool& in_doubt) {
        in_doubt = false;
        std::vector<fenced_slot> fenced;
        for (auto const& work : tx.works) {
            if (!work.entries.empty() || work.is_expected) fenced.push_back({work.slot, work.epoch, work.version});
        }
        std::sort(fenced.begin(), fenced.end(), [](auto const& a, auto const& b) { return a.slot < b.slot; });
        auto const rows = draft_rows();
        std::size_t body_bytes = 0;
        for (auto const& row : rows) body_bytes += row.body.size();
        auto const copies = rows.size() >= copy_from || body_bytes > (std::size_t{1} << 20U);
        // one journey there and back, unless the rows go by COPY, which has a protocol of its own
        auto const at_once = and_commit && !tx.begun && !copies;
        auto const broken = [&](error e) {
            break_off(e);
            return e;
        };

        char const* const fence = !at_once ? fence_sql : fenced.size() == 1 ? fence_one_or_fail_sql : fence_or_fail_sql;
        if (!tx.begun) tx.asked = steady::now();
        if (auto const up = tx.begun ? result<void>{} : writer.ready(); !up) return broken(up.error());
        for (auto const& [text, needed] : {std::pair{fence, !fenced.empty()},
                                           {insert_rows_sql, !copies && !rows.empty()},
                                           {insert_decisions_sql, !tx.decisions.empty()},
                                           {insert_personal_sql, !tx.personal.empty()},
                                           {insert_notes_sql, !tx.notes.empty()}}) {
            if (!needed) continue;
            if (auto const known = writer.prepare(text); !known) return broken(known.error());
        }

        if (!at_once && (!tx.begun || !fenced.empty())) {
            session::pipeline sent{writer};
            if (!tx.begun) sent.command("BEGIN ISOLATION LEVEL READ COMMITTED");
            tx.begun = true;
            if (!fenced.empty()) sent.run(fence, fence_params(fenced, true));
            auto const answers = sent.finish();
            if (!answers) return broken(answers.error());
            if (!fenced.empty() && static_cast<std::size_t>(answers.value().back().rows()) != fenced.size()) {
                sent.end();
                look_for_lost(fenced);
                return *tx.broken;
            }
        }
        if (copies) {
            if (auto const copied = writer.copy_in(copy_rows_sql, copy_form(rows, tx.batch)); !copied) {
                return broken(copied.error());
            }
        }
        if (!rows.empty() && !tx.written) tx.written = {rows.front().slot, rows.front().first};

        session::pipeline sent{writer};
        if (at_once) {
            sent.command("BEGIN ISOLATION LEVEL READ COMMITTED");
            tx.begun = true;
            if (!fenced.empty()) sent.run(fence, fence_params(fenced, false));
        }
        if (!copies && !rows.empty()) sent.run(insert_rows_sql, row_params(rows, tx.batch));
        if (!tx.decisions.empty()) sent.run(insert_decisions_sql, decision_params(rows));
        if (!tx.personal.empty()) sent.run(insert_personal_sql, personal_params());
        if (!tx.notes.empty()) sent.run(insert_notes_sql, note_params());
        if (and_commit) sent.command("COMMIT");
        auto const answers = sent.finish();
        if (!answers) {
            if (writer.met() == trouble::fenced) {
                sent.end();
                look_for_lost(fenced);
                return *tx.broken;
            }
            in_doubt = and_commit && writer.met() == trouble::lost;
            return broken(answers.error());
        }
        tx.decisions.clear();
        tx.personal.clear();
        tx.notes.clear();
        if (and_commit) tx.begun = false;
        return {};
    }

    /// The first entry of the row, among rows in the order of slots' works, that holds the entry.
    static std::uint64_t row_of(std::vector<row_draft> const& rows, std::uint16_t slot, std::uint64_t entry) {
        for (auto const& row : rows) {
            if (row.slot == slot && entry < row.first + static_cast<std::uint64_t>(row.count)) return row.first;
        }
        return entry;
    }

    /// Before a decider reads: what was accepted must be where it reads.
    result<void> write_pending() {
        if (tx.broken) return *tx.broken;
        auto const pending =
            !tx.personal.empty() || !tx.notes.empty() ||
            std::any_of(tx.works.begin(), tx.works.end(), [](auto const& w) { return !w.entries.empty(); });
        if (!pending) return {};
        if (!turn_taken) {
            turn.take(false);
            turn_taken = true;
        }
        bool in_doubt = false;
        return write(false, in_doubt);
    }
    bool turn_taken = false;

    enum class fate : std::uint8_t { committed, rolled_back, unknown };

    /// What became of a commit whose answer did not come.
    fate look_up() {
        auto const until = steady::now() + options.reconnect;
        // what was sent may lie unread with a process of the server that has not come to it yet: as long as that lives
        // nothing is settled
        auto const other_end = writer.other_end();
        for (milliseconds pause{10};; pause = std::min(2 * pause, milliseconds{100})) {
            if (writer.ready()) {
                auto const [slot, first] = *tx.written;
                auto const busy =
                    writer.run(still_there_sql, params{}.integer(other_end.process).bigint(other_end.began));
                // behind a connection pooler it may not be seen; then the row that it keeps locked tells
                if (busy && busy.value().rows() == 0 && writer.run(barrier_sql, params{}.smallint(slot))) {
                    auto const row = writer.run(batch_sql, params{}.smallint(slot).bigint(first));
                    if (row) {
                        auto const made = row.value().rows() == 1 && row.value().bytes(0, 0) == tx.batch;
                        return made ? fate::committed : fate::rolled_back;
                    }
                }
            }
            if (ending || steady::now() + pause >= until) return fate::unknown;
            std::this_thread::sleep_for(pause);
        }
    }

    void forget_transaction() {
        if (tx.begun && writer.connected() && !writer.script("ROLLBACK")) writer.close();
        for (auto const slot : tx.touched) indexes[slot].reset();
        auto accepted = std::move(tx.accepted);
        tx = transaction{};
        tx.batch = random_bytes(16);
        tx.accepted = std::move(accepted);
    }

    /// Brings all that was accepted into the database, or answers for what was not.
    void conclude() {
        for (int repeats = 0;;) {
            auto const has_work = tx.begun || !tx.personal.empty() || !tx.notes.empty() || !tx.touched.empty();
            if (tx.accepted.empty() && !tx.begun && !tx.broken) return;
            if (!has_work && !tx.broken) {  // nothing but duplicates
                for (auto* const r : tx.accepted) r->is_settled = true;
                return;
            }
            bool in_doubt = false;
            if (!tx.broken) {
                if (!turn_taken) {
                    turn.take(false);
                    turn_taken = true;
                }
                (void)write(true, in_doubt);
            }
            auto outcome = fate::committed;
            if (tx.broken) {
                outcome = !in_doubt                ? fate::rolled_back
                          : tx.written.has_value() ? look_up()
                                                   // only texts and notes, which may be written twice
                                                   : fate::rolled_back;
            }
            if (outcome == fate::committed) {
                for (auto* const r : tx.accepted) r->is_settled = true;
                std::lock_guard const lock{guard};
                for (auto const& work : tx.works) {
                    auto& s = slots[work.slot];
                    if (!s.held || s.epoch != work.epoch) continue;
                    s.version = work.version;
                    s.head = work.head;
                    if (tx.touched.contains(work.slot)) s.trusted_until = std::max(s.trusted_until, tx.asked + trust());
                }
                return;
            }
            auto e = *tx.broken;
            if (outcome == fate::unknown) {
                e.saw = "the connection broke during a commit, and the server stays away: " + e.saw;
                e.remedy =
                    "the outcome is unknown: once the server is back, the slots' versions tell whether the append was "
                    "made; facts may be sent again, for their references take effect once";
                std::lock_guard const lock{guard};
                // their heads are not known any more: acquired anew, they are told by the server
                for (auto const slot : tx.touched) slots[slot].held = false;
            }
            auto const lost = tx.lost;
            auto const again = outcome == fate::rolled_back && tx.worth_repeating && repeats++ < 2;
            forget_transaction();
            auto const requests = std::exchange(tx.accepted, {});
            if (!lost.empty()) {
                {
                    std::lock_guard const lock{guard};
                    for (auto const slot : lost) slots[slot].held = slots[slot].leaving = false;
                }
                // the others of the group are not to suffer; but who decided after one that is not there now may
                // have counted on it
                bool one_is_gone = false;
                for (auto* const r : requests) {
                    auto const mine =
                        std::find_first_of(r->reserved.begin(), r->reserved.end(), lost.begin(), lost.end());
                    if (mine != r->reserved.end()) {
                        r->refuse(lost_lease(*mine));
                        one_is_gone = true;
                    } else if (one_is_gone && r->decide != nullptr) {
                        r->refuse({.code = errc::stale_version,
                                   .field = "append_with",
                                   .saw = "an append that was decided upon before it lost its lease",
                                   .remedy = "read what is new, and decide again"});
                    } else {
                        accept(*r);
                    }
                }
            } else if (again) {
                // the server may need a moment
                if (auto const up = steadily(writer, [&] { return writer.ready(); }); !up) e = up.error();
                for (auto* const r : requests) accept(*r);
            } else {
                for (auto* const r : requests) r->refuse(e);
                return;
            }
        }
    }

    /// Asks a decider, and gets the leases for what it wants.
    void ask_decider(request& r) {
        bool whole = true;
        std::array<bool, slots_in_all> held_before{};
        {
            std::lock_guard const lock{guard};
            for (std::uint16_t s = 0; s < slots_in_all; ++s) whole = (held_before[s] = slots[s].held) && whole;
        }
        if (!whole && !tx.seen) {
            auto const got = ask_writer(versions_sql, {});
            if (!got) return r.refuse(got.error());
            tx.seen.emplace();
            for (int i = 0; i < got.value().rows(); ++i) {
                auto const slot = got.value().smallint(i, 0);
                if (slot < slots_in_all) tx.seen->of(slot) = got.value().bigint(i, 1);
            }
        }
        deciding = std::this_thread::get_id();
        std::optional<result<append_batch>> wants;
        try {
            wants.emplace((*r.decide)());
        } catch (...) { r.thrown = std::current_exception(); }
        deciding = std::thread::id{};
        if (r.thrown) return;
        if (!*wants) return r.refuse(wants->error());
        if (tx.broken) return r.refuse(*tx.broken);
        r.decided = std::move(wants->value());
        r.batch = &*r.decided;
        if (auto const sound = check_more(*r.batch); !sound) return r.refuse(sound.error());
        auto const needs = slots_of(*r.batch);
        for (auto const& e : r.batch->expected) {
            if (e.under_lease && options.slots != leasing::whole_book && !held_before[e.slot])
                return r.refuse(lost_lease(e.slot));
        }
        // what it saw must be so when the append is made, however often that is tried and whoever writes meanwhile
        for (auto const slot : needs) {
            auto const has = [&] {
                if (!held_before[slot]) return tx.seen->of(slot);
                auto const& work = work_at(slot);
                return work.version + work.entries.size();
            }();
            r.as_seen.push_back({slot, expected_version::exactly(has)});
        }
        if (options.slots == leasing::whole_book) return;  // reserved already
        std::vector<std::uint16_t> missing;
        {
            std::lock_guard const lock{guard};
            auto const now = steady::now();
            for (auto const slot : needs) {
                auto const& s = slots[slot];
                if (s.held && (s.leaving || s.trusted_until <= now)) r.to_wait = true;
                if (!s.held) missing.push_back(slot);
            }
        }
        if (!r.to_wait && !missing.empty()) {
            auto const had = acquire_now(missing, false);
            if (!had) return r.refuse(had.error());
        }
        std::lock_guard const lock{guard};
        for (auto const slot : needs) r.to_wait = r.to_wait || !slots[slot].held || slots[slot].leaving;
        if (r.to_wait) return;  // its thread waits for the leases and comes again
        for (auto const slot : needs) {
            ++slots[slot].reserved;
            r.reserved.push_back(slot);
        }
    }

    void lead(std::vector<request*> const& group) {
        tx = transaction{};
        tx.batch = random_bytes(16);
        for (auto* const r : group) {
            if (r->decide != nullptr && r->batch == nullptr) {
                ask_decider(*r);
                if (tx.broken) {
                    // those before it are made without what it had them written for
                    conclude_and_begin();
                    continue;
                }
                if (r->outcome || r->to_wait || r->thrown) continue;
            }
            accept(*r);
            if (tx.broken) conclude_and_begin();
        }
        conclude();
        if (turn_taken) turn.give();
        turn_taken = false;
        tx = transaction{};
    }
    void conclude_and_begin() {
        conclude();
        tx = transaction{};
        tx.batch = random_bytes(16);
    }

    result<append_outcome> append(request& r) {
        if (in_decider()) {
            return error{.code = errc::not_supported,
                         .field = "append",
                         .saw = "called by a decider",
                         .remedy = "return what is to be appended"};
        }
        struct reservation {
            impl& of;
            request& r;
            ~reservation() { of.unreserve(r.reserved); }
        } const ends_with_it{*this, r};
        auto const until = steady::now() + options.wait;
        for (;;) {
            auto const left =
                std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(until - steady::now()));
            if (options.slots == leasing::whole_book) {
                static auto const all = every_slot();
                if (auto const got = reserve(all, left, r.reserved); !got) return got.error();
            } else if (r.batch != nullptr) {
                if (auto const got = reserve(slots_of(*r.batch), left, r.reserved); !got) return got.error();
            }
            r.to_wait = r.done = false;
            take_part(r);
            if (r.thrown) std::rethrow_exception(r.thrown);
            if (!r.to_wait) return std::move(*r.outcome);
            unreserve(r.reserved);
        }
    }

    /// Waits until a leader has seen to the request, or leads.
    void take_part(request& r) {
        std::unique_lock lock{queue_guard};
        queue.push_back(&r);
        queue_changed.wait(lock, [&] { return r.done || !led; });
        if (r.done) return;
        std::vector<request*> group;
        group.reserve(queue.size() + 1);
        led = true;
        std::size_t bytes = 0;
        std::size_t taken = 0;
        for (; taken < queue.size() && (taken == 0 || bytes < group_bytes); ++taken) {
            group.push_back(queue[taken]);
            bytes += queue[taken]->bytes();
        }
        // its own comes along, whatever the size
        if (std::find(group.begin(), group.end(), &r) == group.end()) {
            group.push_back(&r);
            queue.erase(std::find(queue.begin(), queue.end(), &r));
        }
        queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(taken));
        lock.unlock();
        try {
            lead(group);
        } catch (...) {  // out of memory: nobody is to wait for ever
            for (auto* const one : group) {
                if (one->is_settled) continue;
                one->outcome.reset();  // accepted is not committed
                one->thrown = std::current_exception();
            }
            if (turn_taken) turn.give();
            turn_taken = false;
            writer.close();
            {
                std::lock_guard const heads{guard};  // whether it was committed is not known
                for (auto const& work : tx.works) slots[work.slot].held = false;
            }
            tx = transaction{};
            for (auto& index : indexes) index.reset();
        }
        lock.lock();
        for (auto* const one : group) one->done = true;
        led = false;
        queue_changed.notify_all();
    }
};

// -- opening -----------------------------------------------------------------------------------------------------------

postgres_store::postgres_store(std::unique_ptr<impl> opened) noexcept : impl_{std::move(opened)} {}
postgres_store::postgres_store(postgres_store&&) noexcept = default;
postgres_store& postgres_store::operator=(postgres_store&&) noexcept = default;
postgres_store::~postgres_store() = default;

result<postgres_store> postgres_store::open(std::string const& url, postgres_options options) {
    if (!can_be_a_schema(options.schema)) {
        return unusable("schema", options.schema.substr(0, 80),
                        "lower-case letters, digits and underscores, at most 63");
    }
    if (options.lease < milliseconds{200} || options.lease > std::chrono::hours{24}) {
        return unusable("lease", std::to_string(options.lease.count()) + " ms", "from 200 ms to a day");
    }
    if (options.holder.size() > 200 || options.holder.find('\0') != std::string::npos) {
        return unusable("holder", options.holder.substr(0, 80), "a name of at most 200 bytes");
    }
    options.wait = std::clamp(options.wait, milliseconds{0}, milliseconds{std::chrono::hours{24}});
    options.reconnect = std::clamp(options.reconnect, milliseconds{0}, milliseconds{std::chrono::hours{24}});
    auto where = pg_place_of(url);
    if (!where) return where.error();
    auto const place = std::make_shared<pg_place const>(std::move(where.value()));
    auto opened = std::make_unique<impl>(place, std::move(options));
    auto s = std::make_unique<session>(opened->make_session({}));
    // a server that starts up is waited for, one that is not there is not
    auto const until = steady::now() + opened->options.reconnect;
    for (;;) {
        auto const up = s->ready();
        if (up) break;
        if (steady::now() >= until || !s->starting()) return up.error();
        std::this_thread::sleep_for(milliseconds{50});
    }
    if (s->server_version() < 140'000) {
        return error{.code = errc::not_supported,
                     .field = "server",
                     .saw = "PostgreSQL " + std::to_string(s->server_version() / 10'000),
                     .remedy = "PostgreSQL 14 or later",
                     .source = place->shown};
    }
    if (!opened->options.create) {
        auto const format = format_of(*s, opened->options.schema, place->shown);
        if (!format) return format.error();
        if (format.value() == 0) {
            return error{.code = errc::io_failure,
                         .field = "open",
                         .saw = "a database without a book in schema " + opened->options.schema,
                         .remedy = "look at the address, or let it be created",
                         .source = place->shown};
        }
    }
    if (auto const ready = migrate(*s, opened->options.schema, place->shown); !ready) return ready.error();
    opened->idle.push_back(std::move(s));
    return postgres_store{std::move(opened)};
}

std::string const& postgres_store::holder() const noexcept { return impl_->holder; }

std::vector<std::uint16_t> every_slot() {
    std::vector<std::uint16_t> out(slots_in_all);
    for (std::uint16_t s = 0; s < slots_in_all; ++s) out[s] = s;
    return out;
}

// -- appending and leases ----------------------------------------------------------------------------------------------

result<append_outcome> postgres_store::append(append_batch const& batch) {
    if (auto const sound = check_more(batch); !sound) return sound.error();
    request r{.batch = &batch};
    return impl_->append(r);
}

result<append_outcome> postgres_store::append_with(append_decider const& decide) {
    request r{.decide = &decide};
    return impl_->append(r);
}

namespace {

result<std::vector<std::uint16_t>> in_order(std::vector<std::uint16_t> slots) {
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    if (!slots.empty() && slots.back() >= slots_in_all) {
        return error{.code = errc::out_of_range,
                     .field = "slot",
                     .saw = std::to_string(slots.back()),
                     .remedy = "slots go from 0 to " + std::to_string(book_slot)};
    }
    return slots;
}

}  // namespace

result<void> postgres_store::acquire(std::vector<std::uint16_t> const& slots, milliseconds wait) {
    auto const wanted = in_order(slots);
    if (!wanted) return wanted.error();
    std::vector<std::uint16_t> reserved;
    auto const got = impl_->reserve(wanted.value(), wait, reserved);
    impl_->unreserve(reserved);
    return got;
}

result<void> postgres_store::acquire(std::vector<std::uint16_t> const& slots) {
    return acquire(slots, impl_->options.wait);
}

result<void> postgres_store::renew() {
    auto const lost = impl_->renew_all(impl_->options.reconnect);
    if (!lost) return lost.error();
    if (!lost.value().empty()) return lost_lease(lost.value().front());
    return {};
}

result<void> postgres_store::release(std::vector<std::uint16_t> const& slots) {
    auto const which = in_order(slots);
    if (!which) return which.error();
    return impl_->release_now(which.value(), impl_->options.reconnect);
}

std::vector<slot_lease> postgres_store::held() const {
    std::vector<slot_lease> out;
    std::lock_guard const lock{impl_->guard};
    auto const now = steady::now();
    for (std::uint16_t slot = 0; slot < slots_in_all; ++slot) {
        auto const& s = impl_->slots[slot];
        if (s.held && s.trusted_until > now) out.push_back({slot, s.epoch});
    }
    return out;
}

result<std::vector<std::uint16_t>> postgres_store::wanted() { return impl_->wanted(impl_->options.reconnect); }

result<std::uint16_t> postgres_store::fair_share() {
    auto& self = *impl_;
    {
        std::lock_guard const lock{self.guard};
        self.worker = true;
    }
    if (auto const alive = self.say_alive(self.options.reconnect); !alive) return alive.error();
    self.start_beat();
    std::lock_guard const one{self.lease_guard};
    auto const got = self.steadily(self.leaser, [&] { return self.leaser.run(workers_sql); });
    if (!got) return got.error();
    auto const workers = std::max<std::uint64_t>(1, got.value().bigint(0, 0));
    return static_cast<std::uint16_t>((slots_in_all + workers - 1) / workers);
}

result<std::uint16_t> postgres_store::balance() {
    auto const share = fair_share();
    if (!share) return share.error();
    auto const mine = held();
    if (mine.size() > share.value()) {
        std::vector<std::uint16_t> above;
        for (std::size_t i = share.value(); i < mine.size(); ++i) above.push_back(mine[i].slot);
        if (auto const done = impl_->release_now(above, impl_->options.reconnect); !done) return done.error();
    } else if (mine.size() < share.value()) {
        std::vector<std::uint16_t> free;
        {
            std::lock_guard const one{impl_->lease_guard};
            auto const got = impl_->steadily(impl_->leaser, [&] {
                return impl_->leaser.run(free_sql, params{}.bytes(impl_->holder).bigint(share.value() - mine.size()));
            });
            if (!got) return got.error();
            for (int i = 0; i < got.value().rows(); ++i) free.push_back(got.value().smallint(i, 0));
        }
        if (!free.empty()) {
            if (auto const had = impl_->acquire_now(free, false); !had) return had.error();
        }
    }
    return static_cast<std::uint16_t>(held().size());
}

// -- reading -----------------------------------------------------------------------------------------------------------

result<slot_versions> postgres_store::versions() {
    return impl_->reading([](auto const& ask) -> result<slot_versions> {
        auto const got = ask(versions_sql, params{});
        if (!got) return got.error();
        slot_versions out;
        for (int i = 0; i < got.value().rows(); ++i) {
            if (auto const slot = got.value().smallint(i, 0); slot < slots_in_all)
                out.of(slot) = got.value().bigint(i, 1);
        }
        return out;
    });
}

result<void> postgres_store::read_slot(std::uint16_t slot, std::uint64_t after, entry_visitor const& each) {
    return impl_->reading([&](auto const& ask) -> result<void> {
        return impl_->each_entry(ask, slot, after, [&](std::uint64_t, journal_entry const& e) { return each(e); });
    });
}

result<void> postgres_store::read_customer(std::string_view code, entry_visitor const& each) {
    return impl_->reading([&](auto const& ask) -> result<void> {
        auto const slot = slot_of_customer(code);
        for (std::uint64_t next = 0;;) {
            auto const page =
                ask(customer_rows_sql,
                    params{}.smallint(slot).bigint(next).bytes(customer_key(code)).bytes(customer_key({})));
            if (!page) return page.error();
            for (int i = 0; i < page.value().rows(); ++i) {
                row_view const row{slot, page.value(), i};
                auto const entries = row.entries();
                if (!entries) return entries.error();
                for (auto const& e : entries.value()) {
                    if (!e.customer.empty() && e.customer != code) continue;
                    if (!each(e)) return {};
                }
                next = row.first + row.count;
            }
            if (page.value().rows() < rows_a_page) return {};
        }
    });
}

result<void> postgres_store::read_since(slot_versions const& seen, entry_visitor const& each) {
    return impl_->reading([&](auto const& ask) -> result<void> {
        auto const heads = ask(heads_sql, params{});
        if (!heads) return heads.error();
        bool more = true;
        for (int i = 0; i < heads.value().rows() && more; ++i) {
            auto const slot = heads.value().smallint(i, 0);
            if (slot >= slots_in_all || heads.value().bigint(i, 1) <= seen.of(slot)) continue;
            auto const read = impl_->each_entry(ask, slot, seen.of(slot),
                                                [&](std::uint64_t, journal_entry const& e) { return more = each(e); });
            if (!read) return read;
        }
        return {};
    });
}

result<std::vector<personal_text>> postgres_store::personal(std::string_view customer) {
    return impl_->reading([&](auto const& ask) -> result<std::vector<personal_text>> {
        auto const got = ask(personal_sql, params{}.smallint(slot_of_customer(customer)).bytes(customer));
        if (!got) return got.error();
        std::vector<personal_text> out;
        out.reserve(static_cast<std::size_t>(got.value().rows()));
        for (int i = 0; i < got.value().rows(); ++i) {
            out.push_back(
                {std::string{customer}, std::string{got.value().bytes(i, 0)}, std::string{got.value().bytes(i, 1)}});
        }
        return out;
    });
}

result<std::uint64_t> postgres_store::erase_personal(std::string_view customer, std::string_view pseudonym) {
    auto& self = *impl_;
    if (self.in_decider()) {
        return error{.code = errc::not_supported,
                     .field = "erase_personal",
                     .saw = "called by a decider",
                     .remedy = "erase when the append is made"};
    }
    impl::borrowed const s{self};
    std::uint64_t erased = 0;
    auto const done = self.steadily(*s, [&]() -> result<void> {
        auto const got =
            (*s).run(erase_sql, params{}.smallint(slot_of_customer(customer)).bytes(customer).bytes(pseudonym));
        if (!got) return got.error();
        erased = got.value().touched();
        return {};
    });
    if (!done) return done.error();
    return erased;
}

result<std::optional<std::string>> postgres_store::note(std::string_view name) {
    return impl_->reading([&](auto const& ask) -> result<std::optional<std::string>> {
        auto const got = ask(note_sql, params{}.bytes(name));
        if (!got) return got.error();
        if (got.value().rows() == 0) return std::optional<std::string>{};
        return std::optional{std::string{got.value().bytes(0, 0)}};
    });
}

result<std::vector<kept_rulebook>> postgres_store::rulebooks() {
    return impl_->reading([&](auto const& ask) -> result<std::vector<kept_rulebook>> {
        auto const got = ask(rulebooks_sql, params{});
        if (!got) return got.error();
        std::vector<kept_rulebook> out;
        out.reserve(static_cast<std::size_t>(got.value().rows()));
        for (int i = 0; i < got.value().rows(); ++i) {
            out.push_back({static_cast<std::uint32_t>(got.value().integer(i, 0)), std::string{got.value().bytes(i, 1)},
                           std::string{got.value().bytes(i, 2)}});
        }
        return out;
    });
}

namespace {

/// Runs `f` in a transaction of its own; rolls back when it fails.
template <class F>
result<void> in_transaction(session& s, char const* begin, F const& f) {
    if (auto const begun = s.script(begin); !begun) return begun.error();
    auto done = f();
    if (done) {
        if (auto const committed = s.script("COMMIT"); !committed) done = committed.error();
    } else if (s.connected()) {
        auto const kept = s.met();
        if (!s.script("ROLLBACK")) s.close();
        s.meet(kept);
    }
    return done;
}

}  // namespace

result<std::uint32_t> postgres_store::add_rulebook(std::string_view version, std::string_view text) {
    auto& self = *impl_;
    impl::borrowed const s{self};
    std::uint32_t number = 0;
    // done twice it is the same as once: the text is found the second time
    auto const done = self.steadily(*s, [&]() -> result<void> {
        auto const known = [&]() -> result<bool> {
            auto const got = (*s).run(rulebook_of_sql, params{}.bytes(text));
            if (!got) return got.error();
            if (got.value().rows() == 0) return false;
            number = static_cast<std::uint32_t>(got.value().integer(0, 0));
            return true;
        };
        auto const first = known();
        if (!first) return first.error();
        if (first.value()) return {};
        return in_transaction(*s, "BEGIN", [&]() -> result<void> {
            auto const count = (*s).run(counted_sql, params{}.bytes("rulebook"));
            if (!count) return count.error();
            auto const again = known();
            if (!again) return again.error();
            if (again.value()) return {};
            number = static_cast<std::uint32_t>(count.value().bigint(0, 0));
            auto const added = (*s).run(insert_rulebook_sql,
                                        params{}.integer(static_cast<std::int32_t>(number)).bytes(version).bytes(text));
            if (!added) return added.error();
            auto const counted = (*s).run(count_on_sql, params{}.bytes("rulebook").bigint(number + 1ULL));
            if (!counted) return counted.error();
            return {};
        });
    });
    if (!done) return done.error();
    return number;
}

// -- decisions ---------------------------------------------------------------------------------------------------------

result<std::vector<kept_decision>> postgres_store::decisions(std::uint64_t from, std::uint64_t most) {
    auto& self = *impl_;
    impl::borrowed const s{self};
    // Transactions become visible in another order than their numbers tell, so that a follower who relied on these would
    // miss one. Positions are given here, one process at a time, to what is visible; it may be done twice.
    auto const sequenced = self.steadily(*s, [&]() -> result<void> {
        for (;;) {
            auto const any = (*s).run(any_unsequenced_sql);
            if (!any) return any.error();
            if (any.value().rows() == 0) return {};
            auto const done = in_transaction(*s, "BEGIN", [&]() -> result<void> {
                auto const count = (*s).run(counted_sql, params{}.bytes("outbox"));
                if (!count) return count.error();
                auto const next = (*s).run(unsequenced_sql);
                if (!next) return next.error();
                auto const& a = next.value();
                auto const rows = static_cast<std::size_t>(a.rows());
                if (rows == 0) return {};
                auto positions = array_param::bigints(rows);
                auto slots = array_param::smallints(rows);
                auto firsts = array_param::bigints(rows);
                auto entries = array_param::bigints(rows);
                auto tickets = array_param::bigints(rows);
                std::vector<std::uint16_t> touched;
                auto position = count.value().bigint(0, 0);
                for (int i = 0; i < a.rows(); ++i) {
                    positions.add(static_cast<std::int64_t>(++position));
                    tickets.add(static_cast<std::int64_t>(a.bigint(i, 0)));
                    slots.add(static_cast<std::int16_t>(a.smallint(i, 1)));
                    touched.push_back(a.smallint(i, 1));
                    firsts.add(static_cast<std::int64_t>(a.bigint(i, 2)));
                    entries.add(static_cast<std::int64_t>(a.bigint(i, 3)));
                }
                std::sort(touched.begin(), touched.end());
                touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
                auto const kept =
                    (*s).run(sequence_sql, params{}.array(positions).array(slots).array(firsts).array(entries));
                if (!kept) return kept.error();
                auto const gone = (*s).run(sequenced_sql, params{}.smallints(touched).array(tickets));
                if (!gone) return gone.error();
                auto const counted = (*s).run(count_on_sql, params{}.bytes("outbox").bigint(position));
                if (!counted) return counted.error();
                return {};
            });
            if (!done) return done.error();
        }
    });
    // who may not write, or reads from a standby, follows what others have given positions to
    if (!sequenced && (*s).met() != trouble::readonly) return sequenced.error();

    auto const ask = [&](char const* text, params const& with) {
        return self.steadily(*s, [&] { return (*s).run(text, with); });
    };
    std::vector<kept_decision> out;
    if (from > impl::max_entry) return out;
    auto const found = ask(outbox_sql, params{}.bigint(from).bigint(std::min(most, impl::max_entry)));
    if (!found) return found.error();
    out.resize(static_cast<std::size_t>(found.value().rows()));
    // each row of the journal is read once, however many decisions it holds
    std::map<std::pair<std::uint16_t, std::uint64_t>, std::vector<int>> by_row;
    for (int i = 0; i < found.value().rows(); ++i) {
        by_row[{found.value().smallint(i, 1), found.value().bigint(i, 2)}].push_back(i);
    }
    for (auto const& [at, which] : by_row) {
        auto const got = ask(row_sql, params{}.smallint(at.first).bigint(at.second));
        if (!got) return got.error();
        if (got.value().rows() != 1) return damaged_at(at.first, at.second, "no row, where a decision should be");
        row_view const row{at.first, got.value(), 0};
        auto const entries = row.entries();
        if (!entries) return entries.error();
        for (auto const i : which) {
            auto const entry = found.value().bigint(i, 3);
            auto const n = static_cast<std::size_t>(entry - row.first);
            if (entry < row.first || n >= entries.value().size() ||
                kind_of_entry(entries.value()[n].bytes) != entry_kind::decision_made) {
                return damaged_at(at.first, entry, "no decision, where the outbox has one");
            }
            auto const& e = entries.value()[n];
            out[static_cast<std::size_t>(i)] = {found.value().bigint(i, 0), at.first, std::string{e.customer},
                                                std::string{e.bytes.substr(1)}};
        }
    }
    return out;
}

// -- snapshots ---------------------------------------------------------------------------------------------------------

result<void> postgres_store::save_snapshot(std::vector<slot_image> const& images) {
    auto& self = *impl_;
    for (auto const& image : images) {
        if (image.slot >= slots_in_all) {
            return error{.code = errc::out_of_range,
                         .field = "slot",
                         .saw = std::to_string(image.slot),
                         .remedy = "slots go from 0 to " + std::to_string(book_slot)};
        }
        if (image.bytes.size() > 2 * entry_limit) {
            return error{.code = errc::too_long,
                         .field = "bytes",
                         .saw = std::to_string(image.bytes.size()) + " bytes",
                         .remedy = "a slot's image has at most 512 MiB"};
        }
    }
    impl::borrowed const s{self};
    return self.steadily(*s, [&] {
        return in_transaction(*s, "BEGIN", [&]() -> result<void> {
            for (std::int32_t nth = 0; auto const& image : images) {
                auto const sealed = digest_of_image(image.slot, image.version, image.bytes);
                auto const kept = (*s).run(save_image_sql, params{}
                                                               .smallint(image.slot)
                                                               .integer(++nth)
                                                               .bigint(image.version)
                                                               .bytes(image.bytes)
                                                               .bytes(view_of(sealed)));
                if (!kept) return kept.error();
            }
            return {};
        });
    });
}

result<std::optional<kept_snapshot>> postgres_store::load_snapshot() {
    return impl_->reading([](auto const& ask) -> result<std::optional<kept_snapshot>> {
        // the images stand where libpq put them
        auto pages = std::make_shared<std::vector<answer>>();
        kept_snapshot out;
        std::int32_t nth = 0;
        for (std::uint16_t slot = 0;;) {
            auto page = ask(images_sql, params{}.integer(nth).smallint(slot));
            if (!page) return page.error();
            auto const& a = page.value();
            for (int i = 0; i < a.rows(); ++i) {
                slot_image const image{a.smallint(i, 0), a.bigint(i, 1), a.bytes(i, 2)};
                if (view_of(digest_of_image(image.slot, image.version, image.bytes)) != a.bytes(i, 3)) {
                    auto e = damaged_at(image.slot, image.version, "an image that is not what was saved");
                    e.remedy = "save a new snapshot; the facts are not concerned";
                    return e;
                }
                out.slots.push_back(image);
                slot = image.slot;
                nth = a.integer(i, 4);
            }
            auto const last = a.rows() < 8;
            pages->push_back(std::move(page.value()));
            if (last) break;
        }
        if (out.slots.empty()) return std::optional<kept_snapshot>{};
        out.memory = std::move(pages);
        return std::optional{std::move(out)};
    });
}

// -- verifying ---------------------------------------------------------------------------------------------------------

result<store_report> postgres_store::verify() {
    auto& self = *impl_;
    impl::borrowed const s{self};
    store_report out;
    auto const done = self.steadily(*s, [&] {
        verifier v{*s};
        auto const looked =
            in_transaction(*s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", [&] { return v.all(); });
        out = std::move(v.out);
        return looked;
    });
    if (!done) return done.error();
    return out;
}

}  // namespace patron::v1::store
