// What rebate agreements accrued, paid and lost month by month (POW-13).
#include <patron/engine/rebate_periods.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

engine quiet() { return engine{{.reviews = review_mode::by_fact}}; }

rebate_band band(std::int64_t from_yuan, std::string_view percent) {
    return {.from = {.value = yuan(from_yuan)}, .rate = {.percent = decimal::parse(percent).value()}};
}
rebate_agreed agreed(day at, std::string name, rebate_basis basis, std::vector<rebate_band> bands = {band(0, "10")}) {
    auto f = fact_at<rebate_agreed>(at);
    f.agreement = std::move(name);
    f.basis = basis;
    f.method = rebate_method::incremental;
    f.bands = std::move(bands);
    return f;
}
rebate_settled settled(day at, std::string name, settlement_kind kind) {
    auto f = fact_at<rebate_settled>(at);
    f.agreement = std::move(name);
    f.kind = kind;
    return f;
}
goods_returned returned(day at, money amount, std::string of_order) {
    auto f = fact_at<goods_returned>(at);
    f.amount = amount;
    f.order = std::move(of_order);
    return f;
}
std::vector<rebate_period> periods(engine const& book, rebate_span span) {
    return rebate_periods_of(book, "C1", span).value();
}

constexpr std::array parts{&rebate_balance::accrued,  &rebate_balance::paid,      &rebate_balance::open,
                           &rebate_balance::reversed, &rebate_balance::forfeited, &rebate_balance::clawed_back};

}  // namespace

TEST_CASE("each month tells what an agreement accrued, paid, lost and got back", "[engine][rebate]") {
    auto book = quiet();
    auto least = agreed(on(2025, 1, 1), "R2", rebate_basis::delivered);
    least.minimum = yuan(50);
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered), least,
         order(on(2025, 1, 31), "O1", yuan(1'000)), order(on(2025, 2, 1), "O2", yuan(500)),
         about_order<goods_delivered>(on(2025, 2, 2), "O2", yuan(400)),
         settled(on(2025, 3, 31), "R1", settlement_kind::partial), returned(on(2025, 5, 2), yuan(300), "O1"),
         settled(on(2025, 6, 1), "R2", settlement_kind::final_));
    auto const all = periods(book, {.until = on(2025, 6, 30)});
    auto const expected = std::vector<rebate_period>{
        {"C1", "R1", in_month(2025, 1), cny, {.accrued = 100'00, .open = 100'00}, 100'00, false},
        {"C1", "R1", in_month(2025, 2), cny, {.accrued = 50'00, .open = 50'00}, 150'00, false},
        {"C1", "R2", in_month(2025, 2), cny, {.accrued = 40'00, .open = 40'00}, 40'00, false},
        {"C1", "R1", in_month(2025, 3), cny, {.paid = 150'00, .open = -150'00}, 0, false},
        {"C1", "R1", in_month(2025, 5), cny, {.paid = -30'00, .clawed_back = 30'00}, 0, false},
        {"C1", "R2", in_month(2025, 6), cny, {.open = -40'00, .forfeited = 40'00}, 0, false}};
    CHECK(all == expected);

    // up to a day within a month, and from a month on
    CHECK(periods(book, {.until = on(2025, 1, 30)}).empty());
    auto const some = periods(book, {.until = on(2025, 5, 1), .from = in_month(2025, 3)});
    REQUIRE(some.size() == 1);
    CHECK(some[0] == expected[3]);
    CHECK(all_rebate_periods(book, {.until = on(2025, 6, 30)}).value() == expected);
    CHECK(rebate_periods_of(book, "C9", {.until = on(2025, 6, 30)}).error().code == errc::unknown_customer);

    CHECK(to_csv(std::span{expected}.subspan(4, 1)) ==
          "customer,agreement,month,accrued,paid,reversed,forfeited,clawed_back,open\n"
          "C1,R1,2025-05,0.00 CNY,-30.00 CNY,0.00 CNY,0.00 CNY,30.00 CNY,0.00 CNY\n");
    std::string json;
    append_json(json, expected[0]);
    CHECK(json == R"({"customer":"C1","agreement":"R1","month":"2025-01","accrued":"100.00 CNY","paid":"0.00 CNY",)"
                  R"("reversed":"0.00 CNY","forfeited":"0.00 CNY","clawed_back":"0.00 CNY","open":"100.00 CNY"})");
}

TEST_CASE("a month at whose end an account passes 64 bits tells nothing of it", "[engine][rebate]") {
    auto book = quiet();
    auto doubled = agreed(on(2025, 1, 1), "R1", rebate_basis::ordered, {band(0, "100"), band(1'000, "100")});
    doubled.method = rebate_method::total;
    tell(book, enrolled(on(2025, 1, 1)), doubled, order(on(2025, 1, 2), "O1", yuan(10)),
         order(on(2025, 2, 2), "O2", money{INT64_MAX / 2 + 1, cny}), about_order<order_cancelled>(on(2025, 3, 2), "O2"),
         order(on(2025, 4, 2), "O3", yuan(10)));
    auto const all = periods(book, {.until = on(2025, 4, 30)});
    REQUIRE(all.size() == 4);
    CHECK(all[0].moved.accrued == 10'00);
    CHECK(all[1].is_out_of_range);
    CHECK(all[1].moved == rebate_balance{});
    CHECK(to_csv(std::span{all}.subspan(1, 1)).ends_with("C1,R1,2025-02,,,,,,\n"));
    std::string json;
    append_json(json, all[1]);
    CHECK(json.find(R"("accrued":null,"paid":null)") != std::string::npos);
}

namespace {

/// Orders and what came of each, in the order in which that has to be told.
std::vector<std::vector<fact>> trade(std::mt19937_64& random) {
    std::vector<std::vector<fact>> all;
    auto const below = [&random](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
    for (int i = 0; i < 25; ++i) {
        auto const name = std::to_string(i);
        auto at = on(2025, 1, 1) + std::chrono::days{below(300)};
        auto const later = [&] { return at += std::chrono::days{below(40)}; };
        auto const whole = money{50'00 + below(200'000), cny};
        auto const part = money{1 + below(static_cast<std::uint64_t>(whole.minor_units())), cny};
        std::vector<fact> one{order(at, "O" + name, whole)};
        auto const ends = below(6);
        if (ends == 0) one.emplace_back(about_order<order_cancelled>(later(), "O" + name, part));
        if (ends > 0) one.emplace_back(about_order<goods_delivered>(later(), "O" + name, part));
        if (ends > 1) one.emplace_back(invoice(later(), "I" + name, part, at + std::chrono::days{30}, "O" + name));
        if (ends > 2) one.emplace_back(payment(later(), part, "I" + name));
        if (ends > 3) one.emplace_back(returned(later(), money{1 + below(50'00), cny}, "O" + name));
        all.push_back(std::move(one));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < all[i].size(); ++j)
            set_ref(all[i][j], "T" + std::to_string(i) + '.' + std::to_string(j));
    }
    return all;
}
/// One of the orders in which those facts may be told.
std::vector<fact> mixed(std::vector<std::vector<fact>> const& stories, std::mt19937_64& random) {
    std::vector<std::size_t> turns;
    for (std::size_t i = 0; i < stories.size(); ++i) turns.insert(turns.end(), stories[i].size(), i);
    std::shuffle(turns.begin(), turns.end(), random);
    std::vector<std::size_t> told(stories.size());
    std::vector<fact> out;
    for (auto const i : turns) out.push_back(stories[i][told[i]++]);
    return out;
}
std::vector<rebate_agreed> agreements(std::mt19937_64& random) {
    std::vector<rebate_agreed> all;
    for (int i = 0; i < 4; ++i) {
        auto a = agreed(on(2025, 1, 1) + std::chrono::days{static_cast<int>(random() % 90)}, "R" + std::to_string(i),
                        static_cast<rebate_basis>(i), {band(0, "1.5"), band(500, "2.25"), band(2'000, "7")});
        a.method = static_cast<rebate_method>(random() % 4);
        if (random() % 2 == 0) a.minimum = yuan(40);
        a.from = on(2025, 1, 1);
        a.ref = "A" + std::to_string(i);
        all.push_back(std::move(a));
    }
    return all;
}

}  // namespace

TEST_CASE("the months of an agreement add up to its account, and are the same in whatever order facts were told",
          "[engine][rebate][properties]") {
    auto const seed = GENERATE(range(1U, 25U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const stories = trade(random);
    auto const agreed_on = agreements(random);
    auto const until = on(2026, 12, 31);
    std::vector<fact> settlements;
    for (auto const* name : {"R0", "R1", "R2", "R3"}) {
        settlements.emplace_back(settled(on(2026, 4, 1), name, settlement_kind::partial));
        settlements.emplace_back(settled(on(2026, 6, 2), name, settlement_kind::final_));
    }
    auto const months_of = [&](std::vector<fact> const& facts, bool agreed_late) {
        auto book = quiet();
        tell(book, enrolled(on(2025, 1, 1)));
        auto const agree = [&] {
            for (auto const& a : agreed_on) tell(book, a);
        };
        if (!agreed_late) agree();
        for (auto const& f : facts) tell(book, f);
        if (agreed_late) agree();
        for (auto const& f : settlements) tell(book, f);
        auto all = periods(book, {.until = until});
        std::map<std::string, rebate_balance> sums;
        for (auto const& one : all) {
            auto const& m = one.moved;
            CHECK(m.accrued == m.paid + m.open + m.reversed + m.forfeited + m.clawed_back);
            for (auto const part : parts) sums[one.agreement].*part += m.*part;
            CHECK(sums[one.agreement].open == one.open);
        }
        for (auto const& account : book.find("C1").value().rebates) CHECK(sums[account.agreement] == account.balance);
        std::sort(all.begin(), all.end(), [](auto const& x, auto const& y) {
            return std::tie(x.month, x.agreement) < std::tie(y.month, y.agreement);
        });
        return all;
    };
    auto by_day = mixed(stories, random);
    std::stable_sort(by_day.begin(), by_day.end(),
                     [](fact const& x, fact const& y) { return head_of(x).at < head_of(y).at; });
    auto const first = months_of(by_day, false);
    CHECK(first.size() > 20);
    CHECK(months_of(mixed(stories, random), false) == first);
    CHECK(months_of(mixed(stories, random), true) == first);
}

TEST_CASE("the months add up whatever is settled and told late between", "[engine][rebate][properties]") {
    auto const seed = GENERATE(range(1U, 25U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    for (auto const& a : agreements(random)) tell(book, a);
    for (auto const& f : mixed(trade(random), random)) {
        tell(book, f);
        if (random() % 8 != 0) continue;
        (void)book.apply(settled(head_of(f).at.on(), "R" + std::to_string(random() % 4),
                                 random() % 6 == 0 ? settlement_kind::final_ : settlement_kind::partial));
    }
    std::map<std::string, rebate_balance> sums;
    for (auto const& one : periods(book, {.until = on(2026, 12, 31)})) {
        for (auto const part : parts) sums[one.agreement].*part += one.moved.*part;
    }
    for (auto const& account : book.find("C1").value().rebates) CHECK(sums[account.agreement] == account.balance);
}
