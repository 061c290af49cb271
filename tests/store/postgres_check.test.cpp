// Reservations of one group by several processes, each of which writes other customers (CRE-4).
#include "postgres_server.hpp"

#include <patron/store/postgres.hpp>
#include <patron/store/stored_book.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <barrier>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/stories.hpp"
#include "store/lending.hpp"

using namespace patron;
using namespace patron::tests;
using store::postgres_store;
using store::stored_book;

TEST_CASE("two processes never share the last of a group's limit, though each writes to slots of its own",
          "[store][postgres][check][threads]") {
    using namespace std::chrono_literals;
    postgres_server const server;
    auto const place = server.fresh_schema();
    constexpr int rounds = 6;
    auto const name = [](char const* what, int round) { return std::string{what} + std::to_string(round); };
    auto const open = [&] {
        auto own = postgres_store::open(server.url(), {.schema = place, .lease = 300ms, .wait = 30s});
        REQUIRE(own.has_value());
        auto book = stored_book::open(std::move(own.value()));
        REQUIRE(book.has_value());
        return std::move(book.value());
    };
    {
        auto book = open();
        for (int round = 0; round < rounds; ++round) {
            begin(book, name("group", round), yuan(100));
            begin(book, name("east", round), yuan(1'000), name("group", round));
            begin(book, name("west", round), yuan(1'000), name("group", round));
            REQUIRE(slot_of_customer(name("east", round)) != slot_of_customer(name("west", round)));
        }
    }
    std::vector<std::atomic<int>> won(rounds);
    std::atomic<int> wrong = 0;
    std::barrier together{2};
    std::vector<stored_book> books;
    books.push_back(open());
    books.push_back(open());
    std::vector<std::thread> both;
    for (int t = 0; t < 2; ++t) {
        both.emplace_back([&, t] {
            auto& book = books[static_cast<std::size_t>(t)];
            for (int round = 0; round < rounds; ++round) {
                together.arrive_and_wait();
                auto const found =
                    book.check(name(t == 0 ? "east" : "west", round), {.amount = yuan(90)}, store::reservation_wish{});
                if (!found) ++wrong;
                else if (found.value().reservation) ++won[static_cast<std::size_t>(round)];
            }
        });
    }
    for (auto& t : both) t.join();
    CHECK(wrong == 0);
    for (auto const& winners : won) CHECK(winners == 1);
}

TEST_CASE("who joins a group while a decision waits for its leases is counted by it",
          "[store][postgres][check][lease]") {
    using namespace std::chrono_literals;
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto const open = [&] {
        auto own = postgres_store::open(server.url(), {.schema = place, .lease = 2s, .wait = 30s});
        REQUIRE(own.has_value());
        auto book = stored_book::open(std::move(own.value()));
        REQUIRE(book.has_value());
        return std::move(book.value());
    };
    auto waits = open();
    begin(waits, "group", yuan(100));
    begin(waits, "east", yuan(1'000), "group");
    begin(waits, "west", yuan(1'000));
    auto const group = slot_of_customer("group");
    auto const east = slot_of_customer("east");
    auto const west = slot_of_customer("west");
    REQUIRE(std::set{group, east, west}.size() == 3);

    auto joins = open();
    auto& holder = *joins.store().as<postgres_store>();
    REQUIRE(holder.acquire({group, east, west}).has_value());
    std::atomic<bool> is_reserved = false;
    std::atomic<bool> is_wrong = false;
    std::thread late{[&] {
        auto const found = waits.check("east", {.amount = yuan(90)}, store::reservation_wish{});
        is_wrong = !found.has_value();
        is_reserved = found && found.value().reservation.has_value();
    }};
    std::this_thread::sleep_for(500ms);  // it waits for the leases by now
    auto member = enrolled(on(2025, 1, 2), "west");
    member.parent = "group";
    CHECK(joins.apply(fact{named("west joins", member)}).has_value());
    auto const first = joins.check("west", {.amount = yuan(90)}, store::reservation_wish{});
    REQUIRE(first.has_value());
    REQUIRE(holder.release({group, east, west}).has_value());
    late.join();
    CHECK_FALSE(is_wrong);
    CHECK(static_cast<int>(is_reserved) + static_cast<int>(first.value().reservation.has_value()) == 1);
}
