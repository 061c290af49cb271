#include "postgres_server.hpp"

#include <patron/store/postgres.hpp>

#include <catch2/catch_test_macros.hpp>

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace patron;
using namespace patron::tests;
using namespace std::chrono_literals;
using store::postgres_store;

namespace {

/// A process of its own, with a pipe through which it tells what it did, one byte at a time.
class other_process {
public:
    explicit other_process(std::function<void(int)> const& work) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        child_ = ::fork();
        REQUIRE(child_ >= 0);
        if (child_ == 0) {
            ::close(ends[0]);
            work(ends[1]);
            ::_exit(0);
        }
        ::close(ends[1]);
        from_ = ends[0];
    }
    other_process(other_process const&) = delete;
    other_process& operator=(other_process const&) = delete;
    ~other_process() {
        send(SIGKILL);
        ::close(from_);
    }
    void send(int signal) {
        if (child_ <= 0) return;
        ::kill(child_, signal);
        if (signal == SIGKILL) {
            ::waitpid(child_, nullptr, 0);
            child_ = 0;
        }
    }
    /// Waits for the next byte; -1 when the process is gone.
    [[nodiscard]] int hear() const {
        unsigned char byte = 0;
        return ::read(from_, &byte, 1) == 1 ? byte : -1;
    }

private:
    pid_t child_ = 0;
    int from_ = -1;
};

void tell(int to, int byte) {
    auto const c = static_cast<unsigned char>(byte);
    if (::write(to, &c, 1) != 1) ::_exit(1);
}

owned_batch one(std::uint16_t slot, std::string const& ref) { return {{law_order(customer_of(slot), ref)}, {}}; }

}  // namespace

TEST_CASE("two fight for a slot: one writes, the other is told who does", "[store][postgres][lease]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto first = server.open({.schema = place, .holder = "first", .give_way = false});
    auto second = server.open({.schema = place, .holder = "second", .wait = 100ms});
    (void)value_of(first.append(one(8, "a").seen()));
    auto const busy = second.append(one(8, "b").seen());
    REQUIRE(code_of(busy) == errc::busy);
    CHECK(busy.error().field == "slot 8");
    CHECK(busy.error().saw.starts_with("held by first until 2"));
    CHECK(references_in(second, 8) == std::vector<std::string>{"a"});
    CHECK(value_of(second.append(one(9, "c").seen())) == append_outcome{1, 0});
    CHECK(second.held() == std::vector<store::slot_lease>{{9, 1}});

    // many threads of both: whatever happens, each append is there once or not at all
    std::atomic<int> made = 0;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&, t] {
            auto own = server.open({.schema = place, .lease = 300ms, .wait = 20s});
            for (int n = 0; n < 12; ++n) {
                auto const done = own.append(one(20, std::to_string(t) + '-' + std::to_string(n)).seen());
                if (done) ++made;
                if (!done && done.error().code != errc::busy && done.error().code != errc::lease_lost) ++wrong;
            }
        });
    }
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
    CHECK(made == 24);
    CHECK(references_in(first, 20).size() == 24);
    check_sound(first);
}

TEST_CASE("who is asked for a slot gives way, or is let finish first", "[store][postgres][lease]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto first = server.open({.schema = place, .lease = 600ms});
    auto second = server.open({.schema = place, .lease = 600ms, .wait = 10s});
    (void)value_of(first.append(one(8, "a").seen()));
    (void)value_of(second.append(one(8, "b").seen()));  // waits for the first one's next renewal
    CHECK(first.held().empty());
    CHECK(second.held() == std::vector<store::slot_lease>{{8, 2}});

    auto third = server.open({.schema = place, .wait = 10s, .give_way = false});
    done(third.acquire({30, 31}, 1s));
    CHECK(third.wanted().value().empty());
    std::thread waiting{[&] { (void)second.append(one(31, "c").seen()); }};
    std::vector<std::uint16_t> wanted;
    for (int i = 0; i < 100 && wanted.empty(); ++i) {
        std::this_thread::sleep_for(20ms);
        wanted = third.wanted().value();
    }
    CHECK(wanted == std::vector<std::uint16_t>{31});
    CHECK(value_of(third.append(one(31, "before").seen())) == append_outcome{1, 0});
    done(third.release(wanted));
    waiting.join();
    CHECK(references_in(first, 31) == std::vector<std::string>{"before", "c"});
    CHECK(third.held() == std::vector<store::slot_lease>{{30, 1}});
}

TEST_CASE("two who need each other's slots both get on", "[store][postgres][lease][threads]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    constexpr int rounds = 4;
    std::barrier together{2};
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&, t] {
            auto own = postgres_store::open(server.url(), {.schema = place, .lease = 300ms, .wait = 20s});
            if (!own) ++wrong;
            for (int n = 0; n < rounds; ++n) {
                auto const ref = std::to_string(t) + '-' + std::to_string(n);
                together.arrive_and_wait();
                // each gets hold of one, then both want both
                if (own && !own.value().append(one(t == 0 ? 40 : 50, ref + '+').seen())) ++wrong;
                together.arrive_and_wait();
                owned_batch batch{{law_order(customer_of(40), ref), law_order(customer_of(50), ref)}, {}};
                if (t == 1) std::swap(batch.entries[0], batch.entries[1]);
                if (own && !own.value().append(batch.seen())) ++wrong;
            }
        });
    }
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
    auto book = server.open({.schema = place});
    CHECK(references_in(book, 40).size() == 3 * rounds);
    CHECK(references_in(book, 50).size() == 3 * rounds);
    check_sound(book);
}

TEST_CASE("the slots of a process that was killed are taken over when its leases end",
          "[store][postgres][lease][kill]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    other_process doomed{[&](int to) {
        auto own = postgres_store::open(server.url(), {.schema = place, .lease = 800ms});
        if (!own || !own.value().acquire(store::every_slot(), 5s)) return;
        for (int n = 0;; ++n) {
            if (!own.value().append(one(3, std::to_string(n)).seen())) return;
            if (n < 10) tell(to, n);
        }
    }};
    for (int n = 0; n < 10; ++n) REQUIRE(doomed.hear() == n);
    auto book = server.open({.schema = place, .wait = 5s});
    doomed.send(SIGKILL);
    auto const began = std::chrono::steady_clock::now();
    (void)value_of(book.append(one(3, "mine").seen()));
    CHECK(std::chrono::steady_clock::now() - began < 2s);
    CHECK(book.held() == std::vector<store::slot_lease>{{3, 2}});
    auto const refs = references_in(book, 3);
    REQUIRE(refs.size() >= 11);
    for (std::size_t n = 0; n + 1 < refs.size(); ++n) CHECK(refs[n] == std::to_string(n));
    CHECK(refs.back() == "mine");
    check_sound(book);
}

TEST_CASE("a process that was paused past its lease is fenced when it wakes up", "[store][postgres][lease][kill]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    other_process paused{[&](int to) {
        auto own =
            postgres_store::open(server.url(), {.schema = place, .lease = 600ms, .wait = 0ms, .give_way = false});
        if (!own) return;
        for (int n = 0;; ++n) {
            auto const done = own.value().append(one(3, std::to_string(n)).seen());
            tell(to, done ? 0 : static_cast<int>(done.error().code));
            if (!done) return;
        }
    }};
    for (int n = 0; n < 10; ++n) REQUIRE(paused.hear() == 0);
    paused.send(SIGSTOP);
    // a transaction that it may be in the middle of is ended by the server, after a second
    auto book = server.open({.schema = place, .wait = 5s, .give_way = false});
    (void)value_of(book.append(one(3, "mine").seen()));
    auto const at_take_over = references_in(book, 3).size();
    paused.send(SIGCONT);
    auto heard = 0;
    while (heard == 0) heard = paused.hear();
    CHECK(heard == static_cast<int>(errc::lease_lost));
    CHECK(references_in(book, 3).size() == at_take_over);
    check_sound(book);
}

TEST_CASE("an append whose lease was lost writes nothing, and says so once", "[store][postgres][lease]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto first = server.open({.schema = place, .wait = 0ms, .give_way = false});
    auto second = server.open({.schema = place, .give_way = false});
    (void)value_of(first.append(one(3, "a").seen()));
    (void)value_of(first.append(one(4, "a").seen()));
    auto const expire = [&] {
        (void)server.sql("UPDATE " + place + ".lease SET until = now() - interval '1 s' WHERE slot = 3");
    };
    expire();
    (void)value_of(second.append(one(3, "b").seen()));
    owned_batch const both{{law_order(customer_of(3), "c"), law_order(customer_of(4), "c")}, {}};
    auto const lost = first.append(both.seen());
    REQUIRE(code_of(lost) == errc::lease_lost);
    CHECK(lost.error().field == "slot 3");
    CHECK(references_in(second, 3) == std::vector<std::string>{"a", "b"});
    CHECK(references_in(second, 4) == std::vector<std::string>{"a"});
    CHECK(value_of(first.append(one(4, "d").seen())) == append_outcome{1, 0});
    CHECK(code_of(first.append(both.seen())) == errc::busy);
    done(second.release({3}));
    CHECK(value_of(first.append(both.seen())) == append_outcome{2, 0});
    CHECK(value_of(first.append(one(3, "b").seen())) == append_outcome{0, 1});  // what the other wrote is known

    // noticed by a renewal instead
    expire();
    done(second.acquire({3}, 0ms));
    auto const renewed = first.renew();
    REQUIRE(code_of(renewed) == errc::lease_lost);
    CHECK(code_of(first.append(one(3, "e").seen())) == errc::lease_lost);
    CHECK(code_of(first.append(one(3, "e").seen())) == errc::busy);
    CHECK(value_of(second.append(one(3, "e").seen())) == append_outcome{1, 0});
    check_sound(second);
}

TEST_CASE("a decider whose slot was written by another process meanwhile decides again", "[store][postgres][lease]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto first = server.open({.schema = place});
    auto second = server.open({.schema = place});
    owned_batch const mine = one(3, "mine");
    auto const overtaken = first.append_with([&]() -> result<append_batch> {
        (void)value_of(second.append(one(3, "theirs").seen()));
        done(second.release({3}));
        return mine.seen();
    });
    CHECK(code_of(overtaken) == errc::stale_version);
    CHECK(references_in(first, 3) == std::vector<std::string>{"theirs"});
    CHECK(value_of(first.append_with([&]() -> result<append_batch> { return mine.seen(); })) == append_outcome{1, 0});

    // one that has to wait for the lease is asked once, and made when nothing came between
    auto holds = server.open({.schema = place, .lease = 600ms});
    done(holds.acquire({12}, 1s));
    int asked = 0;
    owned_batch const later = one(12, "later");
    CHECK(value_of(first.append_with([&]() -> result<append_batch> {
              ++asked;
              return later.seen();
          })) == append_outcome{1, 0});
    CHECK(asked == 1);
}

TEST_CASE("what a decision counted on is fenced too, where nothing is written", "[store][postgres][lease]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto first = server.open({.schema = place, .give_way = false});
    auto second = server.open({.schema = place, .give_way = false});
    (void)value_of(first.append(one(3, "a").seen()));
    (void)value_of(first.append(one(4, "a").seen()));
    auto mine = one(4, "b");
    mine.expected = {{3, expected_version::exactly(1)}};
    auto const overtaken = first.append_with([&]() -> result<append_batch> {
        (void)server.sql("UPDATE " + place + ".lease SET until = now() - interval '1 s' WHERE slot = 3");
        (void)value_of(second.append(one(3, "theirs").seen()));
        return mine.seen();
    });
    CHECK(code_of(overtaken) == errc::lease_lost);
    CHECK(references_in(first, 4) == std::vector<std::string>{"a"});
    check_sound(first);
}

TEST_CASE("who falls silent in the middle of COPY keeps its slots only as long as its lease",
          "[store][postgres][lease]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto store = server.open({.schema = place, .lease = 400ms, .wait = 20s});
    (void)value_of(store.append(one(3, "a").seen()));
    done(store.release({3}));
    (void)server.sql("UPDATE " + place + ".lease SET holder = 'gone', until = now() + interval '1 s' WHERE slot = 3");
    // as a store does that has locked its lease, and whose machine is gone while the server waits for its rows
    std::thread silent{[&] {
        auto const command = "(echo 'BEGIN; UPDATE " + place +
                             ".lease SET version = version WHERE slot = 3;'; echo 'COPY " + place +
                             ".note FROM STDIN;'; exec sleep 8) | psql '" + server.url() + "' -X -q >/dev/null 2>&1";
        (void)std::system(command.c_str());
    }};
    std::this_thread::sleep_for(500ms);
    auto const began = std::chrono::steady_clock::now();
    CHECK(code_of(store.append(one(3, "b").seen())) == errc{});
    CHECK(std::chrono::steady_clock::now() - began < 6s);
    silent.join();
    check_sound(store);
}

TEST_CASE("workers share the slots, and take over the share of one that ended", "[store][postgres][lease]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto first = server.open({.schema = place, .lease = 500ms});
    CHECK(first.balance().value() == 1'025);
    {
        auto second = server.open({.schema = place, .lease = 500ms});
        CHECK(second.fair_share().value() == 513);
        CHECK(second.balance().value() == 0);
        CHECK(first.balance().value() == 513);
        CHECK(second.balance().value() == 512);
        std::this_thread::sleep_for(1'200ms);  // both are alive, and renew what they hold
        CHECK(first.held().size() == 513);
        CHECK(second.held().size() == 512);
        CHECK(second.fair_share().value() == 513);
    }
    CHECK(first.balance().value() == 1'025);
    check_sound(first);
}
