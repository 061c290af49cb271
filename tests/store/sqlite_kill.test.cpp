// A process is killed while it appends, merges runs, and saves snapshots: what it has acknowledged is there, once.
#include <patron/store/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include "sqlite_place.hpp"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

using namespace sqlite_test;

namespace {

store::sqlite_options killed_store() {
    auto internals = small_runs();
    internals.run_pairs = 200;  // a run every few milliseconds
    auto options = with(std::move(internals));
    options.cache_bytes = 300'000;
    return options;
}

/// A batch tells of itself how many it has, so that it is known when a part is missing.
entries numbered(std::uint32_t batch, std::size_t size) {
    entries out;
    for (std::size_t i = 0; i < size; ++i) {
        auto const ref = std::to_string(batch) + "-" + std::to_string(i) + "-" + std::to_string(size);
        out.push_back(order("C-" + std::to_string((batch + i) % 50), ref));
    }
    return out;
}

struct report {
    std::uint32_t batch;
    std::uint32_t snapshot;  ///< whether it is one of those
};

/// Appends until it is killed, and says so of each batch when it is durable.
[[noreturn]] void append_for_ever(std::string const& path, int pipe, std::uint32_t first, unsigned seed) {
    auto store = store::sqlite_store::open(path, killed_store());
    if (!store) ::_exit(1);
    std::atomic<std::uint32_t> next{first};
    auto const work = [&](unsigned with_seed) {
        std::mt19937 random{with_seed};
        for (;;) {
            auto const batch = next++;
            auto const all = numbered(batch, 1 + random() % (random() % 4 == 0 ? 300 : 5));
            if (!store.value().append(batch_of(all))) ::_exit(1);
            report const done{batch, 0};
            if (::write(pipe, &done, sizeof done) != sizeof done) ::_exit(1);
            if (random() % 10 == 0) {
                auto const text = std::to_string(batch) + std::string(random() % 100'000, 's');
                if (!store.value().save_snapshot({{0, batch, text}})) ::_exit(1);
                report const saved{batch, 1};
                if (::write(pipe, &saved, sizeof saved) != sizeof saved) ::_exit(1);
            }
        }
    };
    std::thread const other{work, seed};
    work(seed + 1);
    std::abort();
}

}  // namespace

TEST_CASE("a process that is killed leaves all that it acknowledged, once, and nothing by halves", "[store][sqlite]") {
    auto const* const asked = std::getenv("PATRON_KILL_ROUNDS");
    auto const rounds = asked == nullptr ? 40 : std::atoi(asked);
    place const here;
    auto const path = here / "book.db";
    std::mt19937 random{std::random_device{}()};
    std::map<std::uint32_t, bool> acknowledged;  // batches, of all rounds
    std::uint32_t first = 1;
    std::size_t killed_at_work = 0;
    std::size_t snapshots = 0;
    std::size_t left_unsaid = 0;  // durable, and killed before it could say so

    for (int round = 0; round < rounds; ++round) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        auto const seed = static_cast<unsigned>(random());
        auto const child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            append_for_ever(path, ends[1], first, seed);
        }
        ::close(ends[1]);
        // half of the kills may come while it still opens; however slow the machine, the others find it at work
        if (round % 2 == 0) {
            pollfd first_report{.fd = ends[0], .events = POLLIN, .revents = 0};
            REQUIRE(::poll(&first_report, 1, -1) == 1);
        }
        std::this_thread::sleep_for(std::chrono::microseconds{random() % 40'000});
        ::kill(child, SIGKILL);
        std::uint32_t last = first - 1;
        std::uint32_t last_snapshot = 0;
        std::size_t said = 0;
        for (report r{};;) {
            auto const got = ::read(ends[0], &r, sizeof r);
            if (got < 0 && errno == EINTR) continue;
            if (got != sizeof r) break;
            ++said;
            last = std::max(last, r.batch);
            if (r.snapshot != 0) last_snapshot = std::max(last_snapshot, r.batch), ++snapshots;
            else acknowledged[r.batch] = true;
        }
        ::close(ends[0]);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));  // and did not end by an error
        if (said > 0) ++killed_at_work;

        CAPTURE(round, seed, first, last);
        auto opened_store = store::sqlite_store::open(path, killed_store());
        REQUIRE(opened_store);
        auto& store = opened_store.value();
        auto const faults = store.verify().value().faults;
        CAPTURE(faults);
        REQUIRE(faults.empty());
        // each batch is whole, in one piece, once
        auto const all = all_of(store);
        std::set<std::uint32_t> found;
        for (std::size_t i = 0; i < all.size();) {
            std::string const ref{encoded_ref(all[i].bytes)};
            auto const batch = static_cast<std::uint32_t>(std::stoul(ref));
            auto const size = std::stoul(ref.substr(ref.rfind('-') + 1));
            auto const expected = numbered(batch, size);
            REQUIRE(all.size() - i >= size);
            REQUIRE(std::equal(expected.begin(), expected.end(), all.begin() + static_cast<std::ptrdiff_t>(i)));
            REQUIRE(found.insert(batch).second);
            i += size;
        }
        for (auto const& [batch, yes] : acknowledged) REQUIRE(found.contains(batch));
        for (auto const batch : found) {
            if (!acknowledged.contains(batch)) {
                ++left_unsaid;
                acknowledged[batch] = true;  // from now on it is known
            }
        }
        REQUIRE(found.size() == acknowledged.size());
        // the directory finds them too
        auto const code = "C-" + std::to_string(random() % 50);
        auto const right = std::count_if(all.begin(), all.end(), [&](entry const& e) { return e.customer == code; });
        REQUIRE(of_customer(store, code).size() == static_cast<std::size_t>(right));
        // a snapshot is one that was saved, and none older than was acknowledged in this round
        auto const snapshot = store.load_snapshot();
        REQUIRE(snapshot);
        if (last_snapshot != 0) REQUIRE(snapshot.value());
        if (snapshot.value()) {
            auto const text = snapshot.value()->slots.at(0).bytes;
            REQUIRE(std::stoul(std::string{text.substr(0, 12)}) == snapshot.value()->slots.at(0).version);
        }
        if (!found.empty()) first = std::max(last, *found.rbegin()) + 10;
    }
    if (asked != nullptr)
        WARN(rounds << " kills, " << killed_at_work << " of them at work; " << acknowledged.size() << " batches, "
                    << left_unsaid << " of them durable and not said; " << snapshots << " snapshots");
    CHECK(2 * killed_at_work >= static_cast<std::size_t>(rounds));
}
