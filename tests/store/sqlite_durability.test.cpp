// What a stored book promises, tested by killing the process that writes it.
#include <patron/store/sqlite.hpp>
#include <patron/store/stored_book.hpp>
#include <patron/testing/simulation.hpp>

#include "engine/stories.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace patron;
using namespace patron::tests;
using store::stored_book;

namespace {

std::vector<received> simulated(std::uint64_t seed) {
    testing::simulation told{{.customers = 50, .months = 12, .seed = seed}};
    std::vector<received> rows;
    while (auto f = told.next()) {
        if (kind_of(*f) == fact_kind::contact_added || kind_of(*f) == fact_kind::contact_left ||
            kind_of(*f) == fact_kind::visit_made || kind_of(*f) == fact_kind::gift_registered) {
            continue;  // the book that is compared with knows persons by name
        }
        rows.push_back({0, std::move(*f)});
    }
    return rows;
}

struct scratch_folder {
    std::filesystem::path path = std::filesystem::current_path() / ("patron_durability_" + std::to_string(::getpid()));
    scratch_folder() { clear(); }
    ~scratch_folder() { std::filesystem::remove_all(path); }
    void clear() const {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
    }
    [[nodiscard]] std::string file() const { return (path / "book.db").string(); }
};

result<stored_book> open(std::string const& file, store::book_options how = {}) {
    auto place = store::sqlite_store::open(file);
    if (!place) return place.error();
    return stored_book::open(std::move(place.value()), std::move(how));
}

/// Applies the rows from `from` on in batches of random size and tells each number of rows that is durable.
/// Ends by being killed, or when all is applied.
[[noreturn]] void write_until_killed(std::string const& file, std::vector<received> const& rows, std::size_t from,
                                     std::uint64_t seed, int acknowledged) {
    std::mt19937_64 random{seed};
    auto book = open(file, {.threads = 1 + static_cast<unsigned>(random() % 2)});
    if (!book) {
        std::fprintf(stderr, "%s\n", book.error().message().c_str());
        _exit(2);
    }
    while (from < rows.size()) {
        auto const count = std::min<std::size_t>(rows.size() - from, random() % 3 == 0 ? 1 : 1 + random() % 400);
        std::vector<received> some(rows.begin() + static_cast<std::ptrdiff_t>(from),
                                   rows.begin() + static_cast<std::ptrdiff_t>(from + count));
        if (count == 1) {
            if (!book.value().apply(some[0].content.value())) _exit(3);
        } else if (!book.value().apply(some, {.threads = 2})) {
            _exit(4);
        }
        from += count;
        if (::write(acknowledged, &from, sizeof from) != sizeof from) _exit(5);
        if (random() % 8 == 0 && !book.value().save_snapshot()) _exit(6);
    }
    _exit(0);
}

int rounds() {
    auto const* wanted = std::getenv("PATRON_KILL_ROUNDS");
    return wanted == nullptr ? 25 : std::atoi(wanted);
}

}  // namespace

TEST_CASE("whoever kills the writer finds every acknowledged fact once, none by half, and the state that they give",
          "[store][sqlite][kill]") {
    std::random_device device;
    auto const seed = std::uint64_t{device()} << 32U | device();
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    scratch_folder const folder;
    auto rows = simulated(random());
    std::size_t durable = 0;
    int killed = 0;
    for (int round = 0; round < rounds(); ++round) {
        CAPTURE(round, durable);
        if (durable == rows.size()) {
            folder.clear();
            rows = simulated(random());
            durable = 0;
        }
        int pipe_ends[2];
        REQUIRE(::pipe(pipe_ends) == 0);
        auto const child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(pipe_ends[0]);
            write_until_killed(folder.file(), rows, durable, random(), pipe_ends[1]);
        }
        ::close(pipe_ends[1]);
        (void)random();  // the child's
        std::this_thread::sleep_for(std::chrono::microseconds{random() % 60'000});
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        if (WIFEXITED(status)) {
            REQUIRE(WEXITSTATUS(status) == 0);
        } else {
            ++killed;
        }
        auto acknowledged = durable;
        for (std::size_t one = 0; ::read(pipe_ends[0], &one, sizeof one) == sizeof one;) acknowledged = one;
        ::close(pipe_ends[0]);

        auto const with_snapshot = round % 2 == 0;
        auto book = open(folder.file(), {.use_snapshot = with_snapshot, .threads = 2});
        INFO((book ? "" : book.error().message()));
        REQUIRE(book.has_value());
        auto const report = book.value().store().verify();
        REQUIRE(report.has_value());
        for (auto const& fault : report.value().faults) UNSCOPED_INFO(fault);
        CHECK(report.value().faults.empty());
        auto const held = report.value().facts;
        CHECK(held >= acknowledged);  // and at most the batch that was under way
        CHECK(held <= acknowledged + 400);
        engine fresh;
        std::vector<received> told(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(held));
        REQUIRE(fresh.apply(told).applied == held);
        CHECK(rows_of(book.value().book()) == rows_of(fresh));
        CHECK(store::audit(book.value().store()).value().different.empty());
        durable = static_cast<std::size_t>(held);
    }
    CHECK(killed > 0);
}

TEST_CASE("two processes that apply to one book agree on it", "[store][sqlite][kill]") {
    scratch_folder const folder;
    auto const rows = simulated(77);
    { REQUIRE(open(folder.file()).has_value()); }
    std::vector<pid_t> children;
    for (unsigned half = 0; half < 2; ++half) {
        auto const child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            // each tells the facts of half of the customers, in their order
            auto book = open(folder.file());
            if (!book) _exit(2);
            std::mt19937 random{half};
            std::vector<received> some;
            auto const flush = [&] {
                auto const done = book.value().apply(some);
                if (!done || !done.value().rejected.empty()) _exit(3);
                some.clear();
            };
            for (auto const& row : rows) {
                auto const customer = head_of(row.content.value()).customer;
                if (stable_hash(customer) % 2 != half) continue;
                some.push_back(row);
                if (random() % 40 == 0) flush();
            }
            flush();
            _exit(0);
        }
        children.push_back(child);
    }
    for (auto const child : children) {
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
    engine fresh;
    auto told = rows;
    REQUIRE(fresh.apply(told).rejected.empty());
    auto book = open(folder.file());
    REQUIRE(book.has_value());
    CHECK(rows_of(book.value().book()) == rows_of(fresh));
    CHECK(book.value().store().verify().value().faults.empty());
}
