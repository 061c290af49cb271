#include <patron/insight/purchase_stream.hpp>

#include "streams.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace patron;
using namespace patron::insight;
using namespace std::chrono_literals;
using namespace streams;

TEST_CASE("a stream has purchases by day, customers by their first, and a day once", "[insight][purchase_stream]") {
    std::vector<std::vector<purchase_day>> const customers{bought_on({9, 3, 9}), {}, bought_on({1}), bought_on({3})};
    auto const stream = purchase_stream::of(customers).value();
    REQUIRE(stream.customers() == 3);
    REQUIRE(std::ranges::equal(stream.positions(), std::vector<std::size_t>{2, 0, 3}));
    std::vector<purchase_stream::purchase> const expected{{0, {after(1), money{1'00, cny}}},
                                                          {1, {after(3), money{1'00, cny}}},
                                                          {2, {after(3), money{1'00, cny}}},
                                                          {1, {after(9), money{2'00, cny}}}};
    REQUIRE(std::ranges::equal(stream.purchases(), expected));
    REQUIRE(stream.first() == after(1));
    REQUIRE(stream.last() == after(9));

    auto const early = stream.until(after(2));
    REQUIRE(early.customers() == 1);
    REQUIRE(early.purchases().size() == 1);
    REQUIRE(stream.until(after(0)).empty());
    REQUIRE(stream.until(after(9)).customers() == 3);
}

TEST_CASE("a stream refuses what cannot be one amount", "[insight][purchase_stream]") {
    std::vector<std::vector<purchase_day>> customers{bought_on({1}), bought_on({2})};
    customers[1].push_back({.on = after(2), .amount = money{INT64_MAX, cny}});
    auto const refused = purchase_stream::of(customers);
    REQUIRE(refused.error().code == errc::amount_overflow);
    REQUIRE(refused.error().field == "customers[1]");
}

TEST_CASE("whoever never bought has no number, and an empty book no purchase", "[insight][purchase_stream]") {
    CHECK(purchase_stream::of({}).value().empty());
    auto const nobody = stream_of({{}, {}});
    CHECK(nobody.empty());
    CHECK(nobody.customers() == 0);
    CHECK(nobody.until(after(100)).empty());
}

TEST_CASE("cut at any day a stream is the beginning of itself", "[insight][purchase_stream]") {
    auto const stream = stream_of({{5, 1, 9}, {2, 2}, {9, 3}, {30}});
    for (int last = 0; last < 32; ++last) {
        auto const early = stream.until(after(last));
        auto const purchases = early.purchases();
        REQUIRE(std::ranges::equal(purchases, stream.purchases().first(purchases.size())));
        REQUIRE(std::ranges::equal(early.positions(), stream.positions().first(early.customers())));
        for (auto const& p : stream.purchases().subspan(purchases.size())) REQUIRE(p.bought.on > after(last));
        for (auto const& p : purchases) REQUIRE(p.bought.on <= after(last));
    }
}
