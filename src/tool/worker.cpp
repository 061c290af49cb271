#include "command.hpp"

#include <fmt/format.h>

#if defined(PATRON_HAS_POSTGRES)
#    include <patron/store/postgres.hpp>
#endif

#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace tool {

using namespace patron;

namespace {

struct worker_options {
    std::string store;
    std::string as_of;
    std::string name;
    double lease_seconds = 10;
    double every_seconds = 1;
    bool once = false;
};

#if defined(PATRON_HAS_POSTGRES)

std::atomic<bool> told_to_end = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // it is set by a signal

/// What a worker has done since it began.
struct work_done {
    std::uint64_t slots = 0;
    std::uint64_t customers = 0;
    std::uint64_t decisions = 0;
    std::vector<std::optional<day>> until =
        std::vector<std::optional<day>>(customer_slots);  ///< each slot, as known here
};

/// Reviews slots that are held, for a while: then it is time to look how many this worker should hold.
void review_held(any_event_store& place, store::postgres_store& leases, day on, work_done& done) {
    auto const until = std::chrono::steady_clock::now() + std::chrono::milliseconds{300};
    auto reviewer = or_store_failed(store::slot_reviewer::make(place));  // a rulebook may have come into force
    for (auto const& lease : leases.held()) {
        if (told_to_end || std::chrono::steady_clock::now() > until) return;
        if (lease.slot >= customer_slots || done.until[lease.slot] >= on) continue;
        auto reviewed = reviewer.review(lease.slot, on);
        if (!reviewed) {
            auto const code = reviewed.error().code;
            // taken over, or given way to whoever asked: they go on with it
            if (code == errc::lease_lost || code == errc::stale_version || code == errc::busy) continue;
            throw stop{failed, reviewed.error().message()};
        }
        done.until[lease.slot] = on;
        if (!reviewed.value().was_due) continue;
        ++done.slots;
        done.customers += reviewed.value().customers;
        done.decisions += reviewed.value().decisions.size();
    }
}

/// Whether every slot has been brought to the day, by whomever.
bool all_reviewed(any_event_store& place, day on) {
    for (std::uint16_t s = 0; s < customer_slots; ++s) {
        auto const until = or_store_failed(store::reviewed_until(place, s));
        if (!until || *until < on) return false;
    }
    return true;
}

void run(worker_options const& o) {
    auto const asked = o.as_of.empty() ? std::nullopt : std::optional{or_stop_at("--as-of", parse_day(o.as_of))};
    auto const milliseconds = [](double seconds) {
        return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1'000)};
    };
    if (!o.store.starts_with("postgresql://") && !o.store.starts_with("postgres://")) {
        throw stop{bad_input, "--store: workers share a book in PostgreSQL; give postgresql://HOST/DATABASE"};
    }
    store::postgres_options how;
    how.holder = o.name;
    how.lease = milliseconds(o.lease_seconds);
    how.wait = std::chrono::seconds{1};  // a slot that was given away is not worth waiting for
    how.create = false;
    auto opened = store::postgres_store::open(o.store, how);
    if (!opened && opened.error().code == errc::malformed) throw stop{bad_input, opened.error().message()};
    any_event_store place{or_store_failed(std::move(opened))};
    auto& leases = *place.as<store::postgres_store>();

    struct sigaction on_signal{};
    on_signal.sa_handler = [](int) { told_to_end = true; };
    on_signal.sa_flags = static_cast<int>(SA_RESETHAND);  // told twice it ends at once, whatever it waits for
    for (int const signal : {SIGINT, SIGTERM}) ::sigaction(signal, &on_signal, nullptr);
    fmt::print(stderr, "worker {}\n", leases.holder());
    work_done done;
    std::size_t held_before = 0;
    while (!told_to_end) {
        auto const balanced = leases.balance();
        if (!balanced && balanced.error().code != errc::lease_lost && balanced.error().code != errc::busy) {
            or_store_failed(result<std::uint16_t>{balanced});
        }
        if (auto const held = leases.held().size(); held != held_before) {
            fmt::print(stderr, "holds {} slots\n", held);
            held_before = held;
        }
        auto const on = asked ? asked : or_store_failed(store::latest_day(place));
        if (on) {
            auto const before = done.slots;
            review_held(place, leases, *on, done);
            if (done.slots > before) {
                continue;  // there may be more
            }
        }
        if (o.once && (!on || all_reviewed(place, *on))) break;
        for (auto left = milliseconds(o.every_seconds); left.count() > 0 && !told_to_end;) {
            auto const nap = std::min(left, std::chrono::milliseconds{50});
            std::this_thread::sleep_for(nap);
            left -= nap;
        }
    }
    write_out(
        fmt::format("reviewed {} slots, {} customers, {} decisions\n", done.slots, done.customers, done.decisions));
    flush_out();
}

#else

void run(worker_options const&) {
    throw stop{bad_input, "this build of patron has no PostgreSQL; build it with PATRON_POSTGRES=ON"};
}

#endif

/// No range has NaN outside.
CLI::Validator const is_number{
    [](std::string& text) { return text.find_first_of("nN") == std::string::npos ? "" : text + " is no number"; }, ""};

}  // namespace

void add_worker(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "worker", "holds slots of a shared book beside other workers and does their periodic reviews");
    auto const o = std::make_shared<worker_options>();
    command->add_option("--store", o->store, "postgresql://…")->required();
    command->add_option("--as-of", o->as_of, "review up to this day; default: the day of the store's latest fact");
    command->add_option("--name", o->name, "what the lease table calls this worker; default: host, process, a number");
    command->add_option("--lease", o->lease_seconds, "seconds that a lease lasts without being renewed")
        ->check(is_number & CLI::Range(0.2, 3'600.0))
        ->capture_default_str();
    command->add_option("--every", o->every_seconds, "seconds between looks for work")
        ->check(is_number & CLI::Range(0.05, 3'600.0))
        ->capture_default_str();
    command->add_flag("--once", o->once, "end when every slot has been reviewed up to the day, by whomever");
    command->callback([o] { run(*o); });
}

}  // namespace tool
