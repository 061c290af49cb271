#include <patron/insight/forecast.hpp>

#include "models.hpp"

#include <boost/math/special_functions/gamma.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <numeric>

using namespace models;
using namespace std::chrono_literals;

namespace {

constexpr auto cny = currency::literal("CNY");
constexpr day start{2022y / 1 / 1};
day after(int n) { return start + std::chrono::days{n}; }

using book_of_orders = std::vector<std::vector<dated_amount>>;

/// A customer's days with an order by MBG/NBD in days, each with an amount by Gamma-Gamma.
std::vector<dated_amount> simulated(draws& roll, mbg_nbd const& m, gamma_gamma const& spends, day first, day until) {
    auto const rate = roll.gamma(m.r) / m.alpha;
    auto const drops = roll.beta(m.a, m.b);
    auto const inverse = roll.gamma(spends.q) / spends.gamma;
    std::vector<dated_amount> out;
    for (auto at = static_cast<double>((first - start).count());;) {
        auto const on = after(static_cast<int>(at));
        if (on > until) return out;
        auto const amount = roll.gamma(spends.p) / inverse;
        out.push_back({on, money{static_cast<std::int64_t>(100 * amount) + 1, cny}});
        if (roll.uniform() < drops) return out;
        at = std::floor(at) + std::max(roll.exponential() / rate, 1.0);
    }
}
constexpr mbg_nbd monthly{1.2, 40, 1.1, 8};  // in days
constexpr gamma_gamma spending{4, 3.5, 60};

/// Customers who come evenly over two years.
book_of_orders simulated_book(draws& roll, int customers, day until) {
    book_of_orders out;
    auto const days = (until - start).count();
    for (int i = 0; i < customers; ++i) {
        auto const first = after(static_cast<int>(roll.uniform() * static_cast<double>(days)));
        out.push_back(simulated(roll, monthly, spending, first, until));
    }
    return out;
}
book_of_orders until(book_of_orders const& all, day last) {
    book_of_orders out(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (auto const& o : all[i]) {
            if (o.on <= last) out[i].push_back(o);
        }
    }
    return out;
}
// CDNOW's, in weeks
constexpr bg_nbd bg{.243, 4.414, .793, 2.426};
constexpr mbg_nbd mbg{.525, 6.183, .891, 1.614};
constexpr pareto_nbd pareto{.553, 10.578, .606, 11.669};
constexpr gamma_gamma g{6.25, 3.74, 15.44};

struct bought {
    double purchases = 0;
    double amount = 0;
};
bought in(std::vector<dated_amount> const& orders, day after_day, day last) {
    bought out;
    day before{};
    for (auto const& o : orders) {
        if (o.on <= after_day || o.on > last) continue;
        if (o.on != before) ++out.purchases;
        before = o.on;
        out.amount += static_cast<double>(o.amount.minor_units()) / 100;
    }
    return out;
}

/// The chance of at most `s`, by integrating over what the customer spends: nothing of it is shared with the library.
template <class Model>
double below(Model const& m, purchase_summary const& of, spend_summary const& spent, double horizon, double s) {
    auto const shape = g.q + g.p * spent.x;
    auto const rate = g.gamma + spent.x * spent.mean;
    double sum = 0;
    double weights = 0;
    std::vector<double> p;
    for (std::uint32_t n = 0; n < 200; ++n) p.push_back(p_purchases(m, of, n, horizon));
    for (double w = -6; w <= 6; w += 0.02) {  // ln of the inverse scale, about its mode
        auto const nu = shape / rate * std::exp(w);
        auto const weight = std::exp(shape * std::log(nu) - rate * nu - std::lgamma(shape) + shape * std::log(rate));
        double chance = p[0];
        for (std::uint32_t n = 1; n < 200; ++n) chance += p[n] * boost::math::gamma_p(g.p * n, nu * s);
        sum += weight * chance;
        weights += weight;
    }
    CHECK(std::abs(weights * 0.02 - 1) < 1e-8);
    return sum / weights;
}

/// Where within what should hold so many of `n` cases, three standard deviations.
double three_sigma(double share, double n) { return 3 * std::sqrt(share * (1 - share) / n); }

}  // namespace

TEST_CASE("a customer's forecast has the mean, the chance of nothing and the variance of its law",
          "[insight][forecast]") {
    auto const of = GENERATE(values<purchase_summary>({{.x = 0, .t_x = 0, .T = 30},
                                                       {.x = 2, .t_x = 30.43, .T = 38.86},
                                                       {.x = 26, .t_x = 30, .T = 31},
                                                       {.x = 26, .t_x = 12, .T = 60}}));
    CAPTURE(of.x, of.t_x);
    spend_summary const spent{.x = of.x + 1, .mean = 35};
    auto const check = [&](auto const& model) {
        auto const f = forecast_of(model, g, of, spent, 39);
        CHECK(f.purchases.mean == Catch::Approx(expected_purchases(model, of, 39)).epsilon(1e-6).margin(1e-8));
        CHECK(f.purchases.none == Catch::Approx(p_no_purchase(model, of, 39)).epsilon(1e-9));
        CHECK(f.amount.mean == Catch::Approx(f.purchases.mean * *expected_spend(g, spent)).epsilon(1e-9));
        double square = 0;
        for (std::uint32_t n = 0; n < 400; ++n) square += n * n * p_purchases(model, of, n, 39);
        CHECK(f.purchases.variance ==
              Catch::Approx(square - f.purchases.mean * f.purchases.mean).epsilon(1e-6).margin(1e-8));
        // given the spend, E[S^2] is that of a compound of gammas; over the spend, 1 / nu has the moments of an inverse gamma
        auto const q = g.q + g.p * spent.x;
        auto const scale = g.gamma + spent.x * spent.mean;
        auto const of_amount = (g.p * g.p * square + g.p * f.purchases.mean) * scale * scale / ((q - 1) * (q - 2));
        CHECK(f.amount.variance == Catch::Approx(of_amount - f.amount.mean * f.amount.mean).epsilon(1e-6).margin(1e-5));
    };
    check(bg);
    check(mbg);
    check(pareto);
}

TEST_CASE("a customer's ranges are quantiles of its law, to eight digits", "[insight][forecast]") {
    SECTION("an active one leaves out as much on both sides") {
        purchase_summary const of{.x = 26, .t_x = 30, .T = 31};
        spend_summary const spent{.x = 20, .mean = 35};
        auto const f = forecast_of(bg, g, of, spent, 13);
        REQUIRE(f.purchases.none < .1);
        REQUIRE(f.purchases.none > .025);
        CHECK(below(bg, of, spent, 13, f.amount.within_80.low) == Catch::Approx(.1).epsilon(1e-6));
        CHECK(below(bg, of, spent, 13, f.amount.within_80.high) == Catch::Approx(.9).epsilon(1e-7));
        // nothing has more than 2.5 %
        CHECK(f.amount.within_95.low == 0);
        CHECK(below(bg, of, spent, 13, f.amount.within_95.high) == Catch::Approx(.95).epsilon(1e-7));
    }
    SECTION("one that may buy nothing has a range from there on") {
        purchase_summary const of{.x = 2, .t_x = 30.43, .T = 38.86};
        auto const f = forecast_of(bg, g, of, {}, 39);  // without amounts it spends as all do
        REQUIRE(f.purchases.none == Catch::Approx(.5).margin(.2));
        CHECK(f.amount.within_80.low == 0);
        CHECK(below(bg, of, {}, 39, f.amount.within_80.high) == Catch::Approx(.8).epsilon(1e-7));
    }
    SECTION("one that hardly buys at all is expected to buy nothing") {
        auto const f = forecast_of(bg, g, {.x = 26, .t_x = 12, .T = 60}, {.x = 27, .mean = 35}, 39);
        CHECK(f.purchases.none > .95);
        CHECK(f.purchases.within_95 == forecast_range{0, 0});
        CHECK(f.amount.within_95 == forecast_range{0, 0});
    }
    SECTION("purchases are whole, and hold at least what they should") {
        purchase_summary const of{.x = 26, .t_x = 30, .T = 31};
        auto const f = forecast_of(bg, g, of, {}, 13);
        auto const upto = [&](double most) {
            double sum = 0;
            for (std::uint32_t n = 0; n <= most; ++n) sum += p_purchases(bg, of, n, 13);
            return sum;
        };
        CHECK(upto(f.purchases.within_80.high) >= .9);
        CHECK(upto(f.purchases.within_80.high - 1) < .9);
        CHECK(upto(f.purchases.within_80.low) >= .1);
        CHECK(upto(f.purchases.within_80.low - 1) < .1);
    }
    SECTION("no time, nothing bought") {
        CHECK(forecast_of(bg, g, {.x = 2, .t_x = 3, .T = 5}, {}, 0) == sales_forecast{});
    }
}

TEST_CASE("four fifths of customers buy within their ranges, and 95 in a hundred", "[insight][forecast]") {
    draws roll{20261};
    constexpr day today{2023y / 12 / 31};
    auto const all = simulated_book(roll, 6'000, today + std::chrono::days{120});
    auto const f = forecast_sales(until(all, today), {.as_of = today, .months = 3, .past_origins = 0}).value();
    REQUIRE(f.until == day{2024y / 3 / 31});
    double cases = 0, held_80 = 0, held_95 = 0;  // of those whose range leaves out what it should
    double customers = 0, all_80 = 0, should_80 = 0, purchases_80 = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const& one = f.customers[i];
        if (one.purchases.none == 1) continue;
        auto const actual = in(all[i], today, f.until);
        ++customers;
        all_80 += one.amount.within_80.covers(actual.amount) ? 1 : 0;
        purchases_80 += one.purchases.within_80.covers(actual.purchases) ? 1 : 0;
        should_80 += std::max(one.amount.none, .8);
        if (one.amount.none >= .8) continue;
        ++cases;
        held_80 += one.amount.within_80.covers(actual.amount) ? 1 : 0;
        held_95 += one.amount.within_95.covers(actual.amount) ? 1 : 0;
    }
    CAPTURE(cases, customers, held_80 / cases, held_95 / cases, all_80 / customers, should_80 / customers);
    REQUIRE(cases > 1'500);
    CHECK(std::abs(held_80 / cases - .8) < three_sigma(.8, cases));
    CHECK(std::abs(held_95 / cases - .95) < three_sigma(.95, cases));
    // and of all, where many are expected to buy nothing, as many as the ranges themselves say
    CHECK(std::abs(all_80 - should_80) / customers < three_sigma(.85, customers));
    CHECK(purchases_80 / customers >= all_80 / customers - .01);  // whole numbers hold more
}

TEST_CASE("sums keep their ranges: groups, existing customers, and the book with its newcomers",
          "[insight][forecast]") {
    draws roll{7};
    constexpr day today{2023y / 12 / 31};
    double books = 0, book_80 = 0, book_95 = 0, existing_80 = 0;
    double groups = 0, groups_80 = 0, groups_95 = 0, pairs = 0, pairs_80 = 0;
    for (int n = 0; n < 150; ++n) {
        auto const all = simulated_book(roll, 300, today + std::chrono::days{91});
        auto const f = forecast_sales(until(all, today), {.as_of = today, .months = 3, .past_origins = 9}).value();
        REQUIRE(f.origins == 9);
        bought existing, newcomers;
        std::vector<bought> actual;
        for (std::size_t i = 0; i < all.size(); ++i) {
            actual.push_back(in(all[i], today, f.until));
            auto const known = f.customers[i].purchases.none < 1;
            (known ? existing : newcomers).amount += actual.back().amount;
            if (!known) actual.back() = {};  // a group is of those who are customers already
        }
        ++books;
        existing_80 += f.existing.amount.within_80.covers(existing.amount) ? 1 : 0;
        book_80 += f.book.amount.within_80.covers(existing.amount + newcomers.amount) ? 1 : 0;
        book_95 += f.book.amount.within_95.covers(existing.amount + newcomers.amount) ? 1 : 0;
        for (std::size_t size : {2U, 15U}) {
            for (std::size_t from = 0; from + size <= all.size(); from += size) {
                std::vector<std::size_t> members(size);
                std::iota(members.begin(), members.end(), from);
                auto const sum = total_of(f, members);
                if (!(sum.amount.none < .8)) continue;  // else it holds more
                double of_group = 0;
                for (auto const i : members) of_group += actual[i].amount;
                (size == 2 ? pairs : groups) += 1;
                (size == 2 ? pairs_80 : groups_80) += sum.amount.within_80.covers(of_group) ? 1 : 0;
                if (size > 2) groups_95 += sum.amount.within_95.covers(of_group) ? 1 : 0;
            }
        }
    }
    CAPTURE(books, book_80 / books, book_95 / books, existing_80 / books, groups, groups_80 / groups,
            groups_95 / groups, pairs, pairs_80 / pairs);
    CHECK(std::abs(book_80 / books - .8) < three_sigma(.8, books));
    CHECK(std::abs(book_95 / books - .95) < three_sigma(.95, books));
    CHECK(std::abs(existing_80 / books - .8) < three_sigma(.8, books));
    CHECK(std::abs(groups_80 / groups - .8) < .03);
    CHECK(std::abs(groups_95 / groups - .95) < .02);
    CHECK(std::abs(pairs_80 / pairs - .8) < .03);
}

TEST_CASE("customers add up to groups, groups to existing customers, and these with newcomers to the book",
          "[insight][forecast]") {
    draws roll{3};
    constexpr day today{2023y / 12 / 31};
    auto const all = simulated_book(roll, 200, today);
    auto const f = forecast_sales(all, {.as_of = today, .months = 2}).value();
    std::vector<std::size_t> even, odd, everybody(all.size());
    std::iota(everybody.begin(), everybody.end(), 0);
    double mean = 0, variance = 0;
    for (auto const i : everybody) {
        (i % 2 == 0 ? even : odd).push_back(i);
        mean += f.customers[i].amount.mean;
        variance += f.customers[i].amount.variance;
    }
    CHECK(f.existing.amount.mean == Catch::Approx(mean));
    CHECK(f.existing.amount.variance == Catch::Approx(variance));
    auto const both = total_of(f, everybody);
    CHECK(both.amount.mean == Catch::Approx(f.existing.amount.mean));
    CHECK(both.amount.within_80.high == Catch::Approx(f.existing.amount.within_80.high));
    CHECK(both.purchases.within_95 == f.existing.purchases.within_95);
    CHECK(total_of(f, even).amount.mean + total_of(f, odd).amount.mean == Catch::Approx(mean));
    CHECK(f.book.amount.mean == Catch::Approx(mean + f.newcomers.amount.mean));
    CHECK(f.book.purchases.mean == Catch::Approx(f.existing.purchases.mean + f.newcomers.purchases.mean));
    CHECK(f.newcomers.purchases.mean > 0);

    CHECK(total_of(f, std::vector<std::size_t>{17}) == f.customers[17]);
    CHECK(total_of(f, {}) == sales_forecast{});
    auto const without = forecast_sales(all, {.as_of = today, .months = 2, .newcomers = false}).value();
    CHECK(without.newcomers == sales_forecast{});
    CHECK(without.book.amount.mean == without.existing.amount.mean);
    CHECK(without.customers[17].amount.mean == f.customers[17].amount.mean);
}

TEST_CASE("the same orders give the same forecast, in whatever order customers stand", "[insight][forecast]") {
    draws roll{5};
    constexpr day today{2023y / 11 / 17};
    auto const all = simulated_book(roll, 150, today);
    auto const terms = forecast_terms{.as_of = today, .months = 1};
    auto const f = forecast_sales(all, terms).value();
    auto const again = forecast_sales(all, terms).value();
    CHECK(f.customers == again.customers);
    CHECK(f.book == again.book);
    CHECK(f.book_off == again.book_off);

    book_of_orders turned{all.rbegin(), all.rend()};
    for (auto& own : turned) std::reverse(own.begin(), own.end());
    auto const other = forecast_sales(turned, terms).value();
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const& one = other.customers[all.size() - 1 - i];
        CHECK(f.customers[i].amount.mean == Catch::Approx(one.amount.mean).epsilon(1e-9));
        CHECK(f.customers[i].amount.within_95.high == Catch::Approx(one.amount.within_95.high).epsilon(1e-6));
    }
    CHECK(f.book.amount.within_80.low == Catch::Approx(other.book.amount.within_80.low).epsilon(1e-9));
}

TEST_CASE("every history has a forecast: none, one order, one day, returns alone, years apart", "[insight][forecast]") {
    draws roll{11};
    constexpr day today{2023y / 12 / 31};
    auto all = simulated_book(roll, 200, today);
    auto const add = [&](std::vector<dated_amount> own) {
        all.push_back(std::move(own));
        return all.size() - 1;
    };
    auto const none = add({});
    auto const later = add({{today + std::chrono::days{3}, {50'00, cny}}});
    auto const once = add({{after(700), {90'00, cny}}});
    auto const one_day = add({{after(700), {40'00, cny}}, {after(700), {50'00, cny}}});
    auto const on_last_day = add({{today, {90'00, cny}}});
    auto const returns = add({{after(700), {-90'00, cny}}});
    auto const returned = add({{after(700), {90'00, cny}}, {after(700), {-90'00, cny}}});
    auto const apart = add({{1995y / 5 / 1, {90'00, cny}}, {after(700), {90'00, cny}}});
    auto const f = forecast_sales(all, {.as_of = today, .months = 3, .past_origins = 2}).value();

    CHECK(f.customers[none] == sales_forecast{});
    CHECK(f.customers[later] == sales_forecast{});  // not known yet
    CHECK(f.customers[once].amount.mean > 0);
    CHECK(f.customers[one_day] == f.customers[once]);  // one purchase of 90
    CHECK(f.customers[on_last_day].purchases.mean > 0);
    // bought something once, worth nothing: it comes back like the one above, and spends as all do
    CHECK(f.customers[returns] == f.customers[returned]);
    CHECK(f.customers[returns].purchases == f.customers[once].purchases);
    CHECK(f.customers[returns].amount.mean > 0);
    CHECK(f.customers[apart].purchases.mean > 0);
    CHECK(f.customers[apart].purchases.mean < f.customers[once].purchases.mean);
    for (auto const& one : f.customers) {
        for (auto const* value : {&one.purchases, &one.amount}) {
            CHECK(std::isfinite(value->mean + value->variance + value->within_95.high));
            CHECK(0 <= value->within_95.low);
            CHECK(value->within_95.low <= value->within_80.low);
            CHECK(value->within_80.low <= value->within_80.high);
            CHECK(value->within_80.high <= value->within_95.high);
        }
    }
}

TEST_CASE("where each order is worth the same, sums are so many times that", "[insight][forecast]") {
    draws roll{17};
    constexpr day today{2023y / 9 / 30};
    auto all = simulated_book(roll, 300, today);
    for (auto& customer : all) {
        for (auto& order : customer) order.amount = {250'00, cny};
    }
    auto const f = forecast_sales(all, {.as_of = today, .months = 3, .past_origins = 6}).value();
    CHECK(std::any_of(f.warnings.begin(), f.warnings.end(),
                      [](std::string const& w) { return w.find("spend the same") != std::string::npos; }));
    int ranges = 0;
    for (auto const& one : f.customers) {
        CHECK(one.amount.mean == Catch::Approx(250 * one.purchases.mean).epsilon(1e-6));
        CHECK(one.amount.within_80.high == Catch::Approx(250 * one.purchases.within_80.high).epsilon(.01));
        CHECK(one.amount.within_95.low == Catch::Approx(250 * one.purchases.within_95.low).epsilon(.01));
        ranges += one.amount.within_80.high > 0 ? 1 : 0;
    }
    CHECK(ranges > 100);
    CHECK(f.existing.amount.mean == Catch::Approx(250 * f.existing.purchases.mean).epsilon(1e-6));
}

TEST_CASE("what cannot be forecast is refused, and what is doubtful is said", "[insight][forecast]") {
    draws roll{11};
    constexpr day today{2022y / 5 / 31};
    auto all = simulated_book(roll, 200, today);
    CHECK(forecast_sales(all, {.as_of = today, .months = 0}).error().field == "months");
    CHECK(forecast_sales(all, {.as_of = today, .months = 37}).error().field == "months");
    CHECK(forecast_sales(all, {.as_of = today, .past_origins = -1}).error().field == "past_origins");
    CHECK(forecast_sales(all, {.as_of = start - std::chrono::days{1}}).error().code == errc::missing_field);
    CHECK(forecast_sales(book_of_orders{}, {.as_of = today}).error().code == errc::missing_field);
    CHECK(forecast_sales(book_of_orders{{{after(3), {5'00, cny}}}}, {.as_of = today}).error().field == "x");

    auto const f = forecast_sales(all, {.as_of = today}).value();
    CHECK(f.origins == 0);
    CHECK(f.book_off.amount == common_error{.spread = .05, .freedom = 1});
    auto const says = [&](char const* words) {
        return std::any_of(f.warnings.begin(), f.warnings.end(),
                           [&](std::string const& w) { return w.find(words) != std::string::npos; });
    };
    CHECK(says("no season"));
    CHECK(says("no past forecast"));

    all[7].push_back({after(3), {5'00, currency::literal("EUR")}});
    auto const mixed = forecast_sales(all, {.as_of = today}).error();
    CHECK(mixed.code == errc::currency_mismatch);
    CHECK(mixed.line == 8);
}

TEST_CASE("past forecasts that went wrong in common widen the ranges of sums", "[insight][forecast]") {
    // every customer buys more in some months than in others: nothing that a customer's own chance explains
    draws roll{23};
    constexpr day today{2023y / 12 / 31};
    auto calm = simulated_book(roll, 800, today);
    auto wild = calm;
    for (auto& own : wild) {
        std::vector<dated_amount> kept;
        for (auto const& o : own) {
            auto const month = period{o.on}.index();
            if (month % 2 == 0 || o.on == own.front().on || roll.uniform() < .3) kept.push_back(o);
        }
        own = kept;
    }
    auto const terms = forecast_terms{.as_of = today, .months = 1};
    auto const of_calm = forecast_sales(calm, terms).value();
    auto const of_wild = forecast_sales(wild, terms).value();
    CHECK(of_calm.book_off.purchases.spread < .1);
    CHECK(of_calm.book_off.purchases.spread > .005);  // chance alone takes nothing from what is held beforehand
    CHECK(of_wild.book_off.purchases.spread > .25);
    CHECK(of_wild.book_off.purchases.freedom == 13);
    auto const width = [](forecast_value const& of) { return (of.within_80.high - of.within_80.low) / of.mean; };
    CHECK(width(of_wild.book.purchases) > 2 * width(of_calm.book.purchases));
    // a customer's own chance is much larger than that
    CHECK(of_wild.customers[0].amount.within_80.high < 2 * of_calm.customers[0].amount.within_80.high + 1);
}

TEST_CASE("newcomers come as they did in the last six months", "[insight][forecast]") {
    // ten new ones a month, each of whom buys five times in all, a week apart, but for the very first months
    book_of_orders all;
    for (int month = 0; month < 22; ++month) {
        for (int i = 0; i < (month < 12 ? 40 : 10); ++i) {
            std::vector<dated_amount> own;
            for (int n = 0; n < 5; ++n) {
                own.push_back({(period{start} + month).first() + std::chrono::days{i % 10 + 7 * n},
                               money{(10 + i % 7 + n % 2) * 100, cny}});
            }
            all.push_back(std::move(own));
        }
    }
    constexpr day today{2023y / 10 / 31};
    auto const f = forecast_sales(all, {.as_of = today, .months = 2, .past_origins = 0}).value();
    auto const& come = f.newcomers;
    CHECK(come.purchases.none == Catch::Approx(std::exp(-60.0 * 61 / 184)));  // 60 came in 184 days, 61 are ahead
    CHECK(come.purchases.mean > 20 * 1.5);
    CHECK(come.purchases.mean < 20 * 5);
    CHECK(come.amount.mean / come.purchases.mean == Catch::Approx(13.5).epsilon(.05));
    // nobody new for half a year, nobody new to come
    auto const quiet = forecast_sales(all, {.as_of = day{2024y / 4 / 30}, .months = 2, .past_origins = 0}).value();
    CHECK(quiet.newcomers == sales_forecast{});
}

TEST_CASE("a season is the ratio to the mean of the year about, drawn to one", "[insight][forecast]") {
    std::vector<double> months;
    for (int i = 0; i < 24; ++i) months.push_back(i % 12 == 11 ? 230 : 70 + 10 * (i % 12 == 0));  // mean of 12: 84.1667
    auto const s = season_of(months, period{2022y, std::chrono::January});
    CHECK(s.years == 1);
    auto const mean = (230 + 80 + 10 * 70) / 12.0;
    CHECK(s.index[11] / s.index[0] == Catch::Approx((1 + 230 / mean) / (1 + 80 / mean)));
    CHECK(s.index[5] == s.index[6]);
    CHECK(std::accumulate(s.index.begin(), s.index.end(), 0.0) == Catch::Approx(12));

    auto from_july = std::vector<double>(months.begin() + 6, months.end());
    from_july.insert(from_july.end(), months.begin(), months.begin() + 18);  // 36 months
    auto const longer = season_of(from_july, period{2021y, std::chrono::July});
    CHECK(longer.years == 2);
    CHECK(longer.index[11] / longer.index[0] == Catch::Approx((1 + 2 * 230 / mean) / (1 + 2 * 80 / mean)));

    CHECK(season_of(std::span{months}.first(23), period{start}) == season{});
    CHECK(season_of(std::vector<double>(30, 0.0), period{start}) == season{});
    // a trend is no season
    std::vector<double> rising;
    for (int i = 0; i < 36; ++i) rising.push_back(100 + 5 * i);
    for (auto const index : season_of(rising, period{start}).index) CHECK(index == Catch::Approx(1).margin(.001));
}

TEST_CASE("with three years known, a busy month is forecast busy and a slow one slow", "[insight][forecast]") {
    draws roll{31};
    book_of_orders all;
    constexpr day last{2025y / 12 / 31};
    for (int i = 0; i < 1'500; ++i) {
        auto own = simulated(roll, {1.2, 20, 1.1, 20}, spending, after(static_cast<int>(roll.uniform() * 1'000)), last);
        std::vector<dated_amount> kept;
        for (auto const& o : own) {
            auto const december = std::chrono::year_month_day{o.on}.month() == std::chrono::December;
            if (december || roll.uniform() < .4) kept.push_back(o);  // 2.5 times as much in December
        }
        if (!kept.empty()) all.push_back(std::move(kept));
    }
    all.push_back({{1995y / 5 / 1, {90'00, cny}}});  // a season is that of the last years, whenever the first order was
    auto const forecast = [&](day as_of) {
        return forecast_sales(until(all, as_of), {.as_of = as_of, .months = 1, .newcomers = false, .past_origins = 0})
            .value();
    };
    auto const december = forecast(2025y / 11 / 30);
    auto const november = forecast(2025y / 10 / 31);
    REQUIRE(december.months.years == 2);
    double actual_december = 0, actual_november = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        actual_december += in(all[i], 2025y / 11 / 30, 2025y / 12 / 31).purchases;
        actual_november += in(all[i], 2025y / 10 / 31, 2025y / 11 / 30).purchases;
    }
    CHECK(december.existing.purchases.mean / november.existing.purchases.mean > 1.6);
    CHECK(december.existing.purchases.mean == Catch::Approx(actual_december).epsilon(.25));
    CHECK(november.existing.purchases.mean == Catch::Approx(actual_november).epsilon(.15));
}

TEST_CASE("a horizon of months ends on the same day, or on the month's last", "[insight][forecast]") {
    CHECK(months_after(2025y / 1 / 15, 3) == day{2025y / 4 / 15});
    CHECK(months_after(2025y / 1 / 31, 1) == day{2025y / 2 / 28});
    CHECK(months_after(2025y / 2 / 28, 1) == day{2025y / 3 / 31});
    CHECK(months_after(2025y / 1 / 30, 1) == day{2025y / 2 / 28});
    CHECK(months_after(2025y / 1 / 15, -2) == day{2024y / 11 / 15});
    CHECK(months_after(2024y / 2 / 28, 12) == day{2025y / 2 / 28});
    CHECK(name_of(purchase_model::pareto_nbd) == "paretonbd");
    CHECK(purchase_model_of("bgnbd") == purchase_model::bg_nbd);
    CHECK_FALSE(purchase_model_of("nbd").has_value());
}
