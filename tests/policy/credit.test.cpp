#include <patron/policy/credit.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace patron;

namespace {

constexpr auto cny = currency::literal("CNY");
constexpr day_number today = number_of(day{std::chrono::year{2026} / 3 / 10});

/// A picture with what it refers to, that things can happen to.
struct account {
    credit_picture p{.in = cny, .on = today, .orders = 5, .terms_days = 30};
    std::vector<open_item> items;
    std::vector<temporary_limit> temporary;
    mutable std::vector<group_pool> groups;
    std::vector<running_reservation> reservations;
    std::vector<running_amount> quotations;
    std::vector<running_amount> guarantees;
    std::vector<std::vector<running_amount>> group_guarantees;  ///< of the others in each group
    std::vector<credit_override> overrides;
    std::vector<later_order> later_orders;

    [[nodiscard]] credit_picture picture() const {
        auto out = p;
        out.items = items;
        out.temporary = temporary;
        for (std::size_t i = 0; i < group_guarantees.size(); ++i) groups[i].guarantees = group_guarantees[i];
        out.groups = groups;
        out.reservations = reservations;
        out.quotations = quotations;
        out.guarantees = guarantees;
        out.overrides = overrides;
        out.later_orders = later_orders;
        return out;
    }
    void owe(std::string_view invoice, std::int64_t open, int days_past_due, bool disputed = false) {
        items.push_back({invoice, open, today - days_past_due, disputed});
        category(items.back()) += open;
    }
    void order_for_later(std::int64_t open, day_number delivery_date) {
        later_orders.push_back({open, delivery_date});
        p.exposure.later_orders += open;
    }
    void reserve(std::int64_t amount, day_number until) {
        reservations.push_back({amount, until});
        p.exposure.reservations += amount;
    }
    void offer(std::int64_t amount, day_number until) {
        quotations.push_back({amount, until});
        p.exposure.quotations += amount;
    }
    void secure(std::int64_t amount, day_number until) {
        guarantees.push_back({amount, until});
        p.exposure.security += amount;
    }
    /// Whatever changes the exposure changes what the members of a group share.
    void follow(std::int64_t before, credit_rules const& rules) {
        auto const less = before - total(p.exposure, rules.counts).value();
        for (auto& g : groups) {
            if (g.mode == pool_mode::shared) g.used -= less;
        }
    }
    void pay(std::int64_t amount, credit_rules const& rules) {
        auto const before = total(p.exposure, rules.counts).value();
        receive(p.exposure, items, amount, p.on);
        follow(before, rules);
    }
    void wait_until(day_number on, credit_rules const& rules) {
        auto const before = total(p.exposure, rules.counts).value();
        for (auto const& item : items) category(item) -= item.open;
        auto const run_out = [&](std::vector<running_amount>& all) {
            std::int64_t sum = 0;
            for (auto const& r : all) sum += r.until >= p.on && r.until < on ? r.amount : 0;
            std::erase_if(all, [&](auto const& r) { return r.until < on; });
            return sum;
        };
        p.exposure.reservations -= run_out(reservations);
        p.exposure.quotations -= run_out(quotations);
        p.exposure.security -= run_out(guarantees);
        for (std::size_t i = 0; i < group_guarantees.size(); ++i) {
            auto const sum = run_out(group_guarantees[i]);
            if (rules.counts.security) groups[i].used += sum;
        }
        p.on = on;
        for (auto const& item : items) category(item) += item.open;
        follow(before, rules);
        if (!rules.horizon_days) return;
        for (auto const& o : later_orders) {  // a group's limit counts them all the time
            if (o.delivery_date > on + *rules.horizon_days) continue;
            p.exposure.later_orders -= o.open;
            p.exposure.open_orders += o.open;
        }
        std::erase_if(later_orders, [&](auto const& o) { return o.delivery_date <= on + *rules.horizon_days; });
    }

private:
    std::int64_t& category(open_item const& item) {
        return item.disputed ? p.exposure.disputed : p.on > item.due ? p.exposure.overdue : p.exposure.not_due;
    }
};

credit_answer ask(account const& a, credit_request const& r, credit_rules const& rules = {}) {
    return check_credit(a.picture(), r, rules).value();
}
credit_verdict verdict_of(account const& a, credit_request const& r, credit_rules const& rules = {}) {
    return ask(a, r, rules).verdict;
}
credit_finding const* finding(credit_answer const& answer, credit_rule rule) {
    auto const at = std::ranges::find_if(answer.rules, [&](auto const& f) { return f.why.rule == name_of(rule); });
    return at == answer.rules.end() ? nullptr : &*at;
}
credit_clearance const* way(credit_answer const& answer, clearance by) {
    auto const at = std::ranges::find_if(answer.clears, [&](auto const& c) { return c.by == by; });
    return at == answer.clears.end() ? nullptr : &*at;
}
credit_request cut_to(credit_request r, std::int64_t amount) {
    r.amount = amount;
    if (r.step == credit_step::delivery) r.replaces = std::min(r.replaces, amount);
    return r;
}

account with_limit(std::int64_t limit, std::int64_t open_orders = 0) {
    account a;
    a.p.limit = credit_limit::of(limit);
    a.p.exposure.open_orders = open_orders;
    return a;
}

using enum credit_verdict;

}  // namespace

TEST_CASE("an order passes up to the limit, and one minor unit more is held", "[policy][credit]") {
    auto const a = with_limit(1'000'00, 700'00);
    CHECK(verdict_of(a, {.amount = 300'00}) == approve);
    auto const held = ask(a, {.amount = 300'01});
    CHECK(held.verdict == hold);
    CHECK(held.exposure == 700'00);
    CHECK(held.available == credit_room{limit_kind::amount, 300'00});
    auto const* const limit = finding(held, credit_rule::credit_limit);
    REQUIRE(limit != nullptr);
    CHECK(limit->why.saw == 1'000'01);
    CHECK(limit->why.threshold == 1'000'00);
    CHECK(limit->margin == -1);
    CHECK(held.clears == std::vector<credit_clearance>{{.by = clearance::payment, .amount = 1},
                                                       {.by = clearance::reduction, .amount = 300'00},
                                                       {.by = clearance::approval, .amount = 300'01, .on = today}});
}

TEST_CASE("no limit, a limit of zero and a limit without bound are three things", "[policy][credit]") {
    account a;
    auto const not_set = ask(a, {.amount = 1});
    CHECK(not_set.verdict == hold);
    CHECK(not_set.available.kind == limit_kind::not_set);
    CHECK(finding(not_set, credit_rule::credit_limit)->why.verdict == verdict::unknown);
    CHECK(way(not_set, clearance::payment) == nullptr);  // no payment makes a limit

    a.p.limit = credit_limit::of(0);
    CHECK(verdict_of(a, {.amount = 1}) == hold);
    CHECK(verdict_of(a, {.amount = 0}) == approve);  // a sample takes no credit
    CHECK(ask(a, {.amount = 1}).available == credit_room{limit_kind::amount, 0});

    a.p.limit = credit_limit::unlimited();
    CHECK(verdict_of(a, {.amount = 1'000'000'000'00}) == approve);
    CHECK(ask(a, {.amount = 1}).available.kind == limit_kind::unlimited);
}

TEST_CASE("a limit past its last day holds, and a temporary one reverts by itself", "[policy][credit]") {
    auto a = with_limit(1'000);
    a.p.limit.until = today;
    CHECK(verdict_of(a, {.amount = 1'000}) == approve);
    a.p.limit.until = today - 1;
    auto const expired = ask(a, {.amount = 1});
    CHECK(expired.verdict == hold);
    CHECK(finding(expired, credit_rule::limit_expired)->outcome == hold);

    a.p.limit.until = no_day;
    a.temporary = {{.from = today + 3, .until = today + 5, .amount = 1'500}};
    auto const answer = ask(a, {.amount = 1'400});
    CHECK(answer.verdict == hold);
    REQUIRE(way(answer, clearance::date) != nullptr);
    CHECK(way(answer, clearance::date)->on == today + 3);
    for (int i = 0; i < 8; ++i) {
        a.p.on = today + i;
        CHECK((verdict_of(a, {.amount = 1'400}) == approve) == (i >= 3 && i <= 5));
    }
    a.temporary.front().until = no_day;
    CHECK(check_credit(a.picture(), {}, {}).error().field == "temporary.until");
}

TEST_CASE("a season raises the limit in its months, and a temporary limit never lowers it", "[policy][credit]") {
    auto a = with_limit(1'000);
    a.p.limit.season_basis_points[3] = 15'000;  // April
    auto const held = ask(a, {.amount = 1'500});
    CHECK(held.verdict == hold);
    REQUIRE(way(held, clearance::date) != nullptr);
    CHECK(day_of(way(held, clearance::date)->on) == day{std::chrono::year{2026} / 4 / 1});
    a.temporary = {{.from = today, .until = today, .amount = 10}};
    CHECK(verdict_of(a, {.amount = 1'000}) == approve);
}

TEST_CASE("an order beyond the horizon counts against the own limit once its delivery is near", "[policy][credit]") {
    credit_rules rules;
    rules.horizon_days = 30;
    auto a = with_limit(1'000, 600);
    a.order_for_later(900, today + 31);
    CHECK(ask(a, {.amount = 400}, rules).exposure == 600);
    CHECK(verdict_of(a, {.amount = 400}, rules) == approve);
    CHECK(verdict_of(a, {.amount = 401}, rules) == hold);
    CHECK(verdict_of(a, {.amount = 401, .delivery_date = today + 30}, rules) == hold);
    CHECK(verdict_of(a, {.amount = 401, .delivery_date = today + 31}, rules) == approve);
    CHECK(verdict_of(a, {.amount = 401, .step = credit_step::delivery, .delivery_date = today + 31}, rules) == hold);
    // the change of one that does not count yet: moved forward it counts in full
    credit_request change{.amount = 900,
                          .step = credit_step::change,
                          .replaces = 900,
                          .delivery_date = today + 31,
                          .replaced_delivery_date = today + 31};
    CHECK(verdict_of(a, change, rules) == approve);
    change.delivery_date = today + 30;
    CHECK(finding(ask(a, change, rules), credit_rule::credit_limit)->why.saw == 1'500);

    SECTION("waiting brings it within, so that a date is no way to clear what it would hold") {
        a.reserve(100, today + 2);
        auto const held = ask(a, {.amount = 400}, rules);
        CHECK(held.verdict == hold);
        CHECK(way(held, clearance::date) == nullptr);
        a.later_orders.front().delivery_date = today + 34;
        REQUIRE(way(ask(a, {.amount = 400}, rules), clearance::date) != nullptr);
        CHECK(way(ask(a, {.amount = 400}, rules), clearance::date)->on == today + 3);
    }
    SECTION("a group's limit counts it all the time") {
        a.groups = {{.group = "G", .limit = credit_limit::of(2'000), .used = 1'500}};
        CHECK(verdict_of(a, {.amount = 500, .delivery_date = today + 31}, rules) == approve);
        CHECK(verdict_of(a, {.amount = 501, .delivery_date = today + 31}, rules) == hold);
    }
    SECTION("it needs a limit that is in force all the same") {
        a.p.limit.until = today - 1;
        CHECK(verdict_of(a, {.amount = 10, .delivery_date = today + 400}, rules) == hold);
        a.p.limit = {};
        CHECK(verdict_of(a, {.amount = 10, .delivery_date = today + 400}, rules) == hold);
    }
    SECTION("what of an order was delivered counts whatever its date") {
        // 100 for later, of which 60 are delivered
        a = with_limit(100);
        a.p.exposure.delivered = 60;
        a.order_for_later(40, today + 40);
        credit_request nearer{.amount = 100,
                              .step = credit_step::change,
                              .replaces = 100,
                              .delivery_date = today + 10,
                              .replaced_delivery_date = today + 40,
                              .replaced_delivered = 60};
        CHECK(finding(ask(a, nearer, rules), credit_rule::credit_limit)->why.saw == 100);
        CHECK(verdict_of(a, nearer, rules) == approve);
        nearer.step = credit_step::delivery;
        CHECK(finding(ask(a, nearer, rules), credit_rule::credit_limit)->why.saw == 100);
        auto farther = nearer;
        farther.step = credit_step::change;
        farther.delivery_date = today + 50;
        farther.replaced_delivery_date = today + 10;
        a.later_orders.clear();
        a.p.exposure = {.open_orders = 40, .delivered = 60};
        CHECK(finding(ask(a, farther, rules), credit_rule::credit_limit)->why.saw == 60);
    }
    SECTION("without a horizon every order counts") {
        a.p.exposure = {.open_orders = 600};
        a.later_orders.clear();
        CHECK(verdict_of(a, {.amount = 401, .delivery_date = today + 400}) == hold);
    }
}

TEST_CASE("a limit whose review is late for too long holds, where the rules say so", "[policy][credit]") {
    auto a = with_limit(1'000);
    a.p.limit.review_on = today - 15;
    CHECK(verdict_of(a, {.amount = 1}) == approve);
    CHECK(finding(ask(a, {.amount = 1}), credit_rule::limit_review)->why.saw == 15);
    credit_rules rules;
    rules.limit_review_days = 15;
    CHECK(verdict_of(a, {.amount = 1}, rules) == approve);
    rules.limit_review_days = 14;
    auto const held = ask(a, {.amount = 1}, rules);
    CHECK(held.verdict == hold);
    CHECK(finding(held, credit_rule::limit_review)->margin == -1);
    CHECK(way(held, clearance::payment) == nullptr);
    a.p.limit.review_on = no_day;
    CHECK(verdict_of(a, {.amount = 1}, rules) == approve);
}

TEST_CASE("a change is checked as what it adds, a reopened order as a new one", "[policy][credit]") {
    auto a = with_limit(1'000, 1'100);  // 600 of it is the order at hand
    CHECK(verdict_of(a, {.amount = 600, .step = credit_step::change, .replaces = 600}) == approve);
    CHECK(verdict_of(a, {.amount = 200, .step = credit_step::change, .replaces = 600}) == approve);
    CHECK(verdict_of(a, {.amount = 601, .step = credit_step::change, .replaces = 600}) == hold);
    a.p.exposure.open_orders = 900;
    CHECK(verdict_of(a, {.amount = 700, .step = credit_step::change, .replaces = 600}) == approve);
    CHECK(verdict_of(a, {.amount = 101, .step = credit_step::reopen}) == hold);
    a.owe("I-1", 500, 90);
    CHECK(verdict_of(a, {.amount = 500, .step = credit_step::change, .replaces = 600}) == approve);
    CHECK(verdict_of(a, {.amount = 500, .step = credit_step::change, .replaces = 600, .terms_days = 60}) == hold);
}

TEST_CASE("goods leave only within the limit, and the invoice of what left is never blocked", "[policy][credit]") {
    auto a = with_limit(1'000, 1'001);
    credit_request const delivery{.amount = 400, .step = credit_step::delivery, .replaces = 400};
    CHECK(verdict_of(a, delivery) == hold);
    CHECK(way(ask(a, delivery), clearance::payment)->amount == 1);
    a.p.exposure.open_orders = 1'000;
    CHECK(verdict_of(a, delivery) == approve);
    a.p.standing = standing::blocked;
    a.p.is_ended = true;
    a.p.rate_missing = currency::literal("USD");
    auto const invoice = ask(a, {.amount = 1'000'000, .step = credit_step::invoice});
    CHECK(invoice.verdict == approve);
    CHECK(invoice.rules.empty());
}

TEST_CASE("old items, overdue sums and dunning hold, disputes and residues do not", "[policy][credit]") {
    auto a = with_limit(1'000'000'00);
    a.owe("I-1", 500'00, 400, true);
    a.owe("I-2", 1'00, 300);
    a.owe("I-3", 100'00, 30);
    CHECK(verdict_of(a, {.amount = 1}) == approve);
    a.owe("I-4", 100'00, 61);
    auto const held = ask(a, {.amount = 1});
    CHECK(held.verdict == hold);
    CHECK(finding(held, credit_rule::oldest_item)->why.what == "I-4");
    CHECK(finding(held, credit_rule::oldest_item)->margin == -1);
    CHECK(finding(held, credit_rule::overdue_amount)->outcome == approve);  // 100.00 is not above 100.00
    CHECK(way(held, clearance::payment)->amount == 500'00 + 1'00 + 100'00 + 99'00);

    account b = with_limit(1'000'000'00);
    b.owe("I-1", 100'01, 31);
    CHECK(finding(ask(b, {.amount = 1}), credit_rule::overdue_amount)->outcome == hold);
    b.owe("I-2", 1'000'00, -10);  // now it is less than a tenth of all that is open
    CHECK(finding(ask(b, {.amount = 1}), credit_rule::overdue_amount)->outcome == approve);

    account c = with_limit(1'000'000'00);
    c.p.dunning_level = 3;
    CHECK(verdict_of(c, {.amount = 1}) == approve);  // nothing is overdue any more: the level has fallen
    c.owe("I-1", 50'00, 45);
    auto const dunned = ask(c, {.amount = 1});
    CHECK(finding(dunned, credit_rule::dunning_level)->outcome == hold);
    CHECK(finding(dunned, credit_rule::dunning_level)->why.saw == 3);
}

TEST_CASE("terms, the first order, the document and the risk class have rules of their own", "[policy][credit]") {
    auto a = with_limit(1'000);
    CHECK(verdict_of(a, {.amount = 1, .terms_days = 30}) == approve);
    CHECK(verdict_of(a, {.amount = 1, .terms_days = 31}) == hold);
    a.p.terms_days.reset();
    CHECK(verdict_of(a, {.amount = 1}) == approve);
    CHECK(verdict_of(a, {.amount = 1, .terms_days = 0}) == hold);  // unknown is not a pass

    credit_rules rules;
    rules.first_order = 100;
    rules.document_limit = 500;
    CHECK(verdict_of(a, {.amount = 500}, rules) == approve);
    CHECK(verdict_of(a, {.amount = 501}, rules) == hold);
    a.p.orders = 0;
    CHECK(verdict_of(a, {.amount = 101}, rules) == hold);
    CHECK(way(ask(a, {.amount = 101}, rules), clearance::reduction)->amount == 100);
    a.p.orders = 1;
    CHECK(verdict_of(a, {.amount = 101}, rules) == approve);
    CHECK(verdict_of(a, {.amount = 101, .step = credit_step::reopen}, rules) == hold);

    rules.risk_classes_held = {"high"};
    CHECK(verdict_of(a, {.amount = 1}, rules) == hold);  // not known
    a.p.risk_class = "low";
    CHECK(verdict_of(a, {.amount = 1}, rules) == approve);
    a.p.risk_class = "high";
    CHECK(verdict_of(a, {.amount = 1}, rules) == hold);
    rules.refusing = {credit_rule::risk_class};
    CHECK(verdict_of(a, {.amount = 1}, rules) == refuse);
}

TEST_CASE("a missing rate holds at every step alike, and no override stands for an unknown amount",
          "[policy][credit]") {
    auto const usd = currency::literal("USD");
    auto const step = GENERATE(credit_step::quote, credit_step::order, credit_step::change, credit_step::reopen,
                               credit_step::delivery);
    auto a = with_limit(1'000);
    a.overrides = {{.amount = 1'000'000, .until = today}};
    auto const held = ask(a, {.step = step, .rate_missing = usd});
    CHECK(held.verdict == hold);
    CHECK(finding(held, credit_rule::exchange_rate)->why.what == "USD");
    CHECK(way(held, clearance::rate)->of == usd);
    CHECK(held.clears.size() == 1);
    a.overrides.clear();
    a.p.rate_missing = usd;  // what is owed, not what is asked for
    CHECK(verdict_of(a, {.amount = 5, .step = step, .replaces = 5}) == hold);
    a.p.rate_missing = {};
    CHECK(verdict_of(a, {.amount = 5, .step = step, .replaces = 5}) == approve);
}

TEST_CASE("a standing cuts the limit, asks for cash or refuses", "[policy][credit]") {
    auto a = with_limit(1'000);
    a.p.standing = standing::watch;
    CHECK(verdict_of(a, {.amount = 1'000}) == approve);
    a.p.standing = standing::reduced;
    CHECK(verdict_of(a, {.amount = 500}) == approve);
    auto const reduced = ask(a, {.amount = 501});
    CHECK(reduced.verdict == hold);
    CHECK(way(reduced, clearance::standing)->to == standing::watch);
    a.p.standing = standing::cash_only;
    CHECK(verdict_of(a, {.amount = 1}) == hold);
    a.p.exposure.unallocated = 300;  // paid ahead
    CHECK(verdict_of(a, {.amount = 300}) == approve);
    CHECK(verdict_of(a, {.amount = 301}) == hold);
    a.p.limit = credit_limit::unlimited();
    CHECK(verdict_of(a, {.amount = 301}) == hold);
    a.p.standing = standing::blocked;
    CHECK(verdict_of(a, {.amount = 1}) == refuse);
}

TEST_CASE("an override lifts holds up to its amount, for its order, to its day, and no refusal", "[policy][credit]") {
    auto a = with_limit(1'000, 1'000);
    a.overrides = {{.amount = 200, .until = today, .order = "O-1"}};
    credit_request r{.amount = 200, .order = "O-1"};
    auto const lifted = ask(a, r);
    CHECK(lifted.verdict == approve);
    CHECK(finding(lifted, credit_rule::credit_limit)->overridden);
    CHECK(finding(lifted, credit_rule::credit_limit)->outcome == hold);
    CHECK_FALSE(finding(lifted, credit_rule::standing)->overridden);
    CHECK(verdict_of(a, {.amount = 201, .order = "O-1"}) == hold);
    CHECK(verdict_of(a, {.amount = 200, .order = "O-2"}) == hold);
    a.overrides[0].tolerance_basis_points = 500;
    CHECK(verdict_of(a, {.amount = 210, .order = "O-1"}) == approve);
    CHECK(verdict_of(a, {.amount = 211, .order = "O-1"}) == hold);
    a.p.on = today + 1;
    CHECK(verdict_of(a, r) == hold);
    a.p.on = today;
    a.p.standing = standing::blocked;
    auto const refused = ask(a, r);
    CHECK(refused.verdict == refuse);
    CHECK(way(refused, clearance::approval) == nullptr);
    CHECK(way(refused, clearance::payment) == nullptr);
    CHECK(way(refused, clearance::standing)->to == standing::cash_only);  // where the override serves
}

TEST_CASE("of the limits in a group the lower rules", "[policy][credit]") {
    auto a = with_limit(1'000, 100);
    a.groups = {{.group = "G-1", .limit = credit_limit::of(5'000), .used = 4'700}};
    CHECK(ask(a, {.amount = 300}).verdict == approve);
    auto const held = ask(a, {.amount = 301});
    CHECK(held.verdict == hold);
    CHECK(held.available == credit_room{limit_kind::amount, 300});
    CHECK(finding(held, credit_rule::group_limit)->why.what == "G-1");

    a.p.limit = {};  // none of its own: the pool alone rules
    CHECK(verdict_of(a, {.amount = 300}) == approve);
    CHECK(verdict_of(a, {.amount = 301}) == hold);
    a.groups[0].limit.until = today - 1;
    CHECK(verdict_of(a, {.amount = 1}) == hold);
}

TEST_CASE("beyond its own limit a member draws on the pool, unless its standing is cut", "[policy][credit]") {
    auto a = with_limit(1'000, 900);
    a.groups = {{.group = "G-1", .mode = pool_mode::own_plus_pool, .limit = credit_limit::of(500), .used = 300}};
    CHECK(verdict_of(a, {.amount = 300}) == approve);  // 100 of its own, 200 of the pool
    auto const held = ask(a, {.amount = 301});
    CHECK(held.verdict == hold);
    CHECK(held.available == credit_room{limit_kind::amount, 300});
    a.p.standing = standing::reduced;
    CHECK(verdict_of(a, {.amount = 1}) == hold);
    CHECK(ask(a, {.amount = 1}).available == credit_room{limit_kind::amount, -400});
}

TEST_CASE("a group's default stands for a limit that a member has not", "[policy][credit]") {
    account a;
    a.groups = {{.group = "G-1", .mode = pool_mode::default_only, .limit = credit_limit::of(500), .used = 9'999}};
    CHECK(verdict_of(a, {.amount = 500}) == approve);
    CHECK(verdict_of(a, {.amount = 501}) == hold);
    a.p.limit = credit_limit::of(600);
    CHECK(verdict_of(a, {.amount = 600}) == approve);
}

TEST_CASE("quotations count where the rules say so, and run out; with a guarantee's last day less is taken off",
          "[policy][credit]") {
    auto a = with_limit(1'000, 500);
    a.offer(300, today + 3);
    CHECK(verdict_of(a, {.amount = 500}) == approve);
    credit_rules rules;
    rules.counts.quotations = true;
    CHECK(verdict_of(a, {.amount = 200}, rules) == approve);
    auto const held = ask(a, {.amount = 201}, rules);
    CHECK(held.verdict == hold);
    CHECK(held.exposure == 800);
    CHECK(way(held, clearance::date)->on == today + 4);

    auto b = with_limit(1'000, 1'200);
    b.secure(300, today + 3);
    b.temporary = {{.from = today + 2, .until = today + 9, .amount = 1'300}};
    CHECK(way(ask(b, {.amount = 400}), clearance::date)->on == today + 2);  // 1 300 of 1 300
    b.temporary[0].from = today + 4;
    CHECK(way(ask(b, {.amount = 400}), clearance::date) == nullptr);  // by then it is 1 600
    auto c = with_limit(9'000);
    c.groups = {{.group = "G", .limit = credit_limit::of(1'000), .used = 900}};
    c.groups[0].limit.season_basis_points[3] = 12'000;
    CHECK(way(ask(c, {.amount = 300}), clearance::date)->on == number_of(day{std::chrono::year{2026} / 4 / 1}));
    c.group_guarantees = {{{.amount = 1, .until = today + 3}}};
    CHECK(way(ask(c, {.amount = 300}), clearance::date) == nullptr);
}

TEST_CASE("negative and overflowing amounts are errors that name their field", "[policy][credit]") {
    auto a = with_limit(1'000);
    auto const refused = [&](credit_request const& r) { return check_credit(a.picture(), r, {}).error(); };
    CHECK(refused({.amount = -1}).field == "amount");
    CHECK(refused({.amount = 1, .replaces = -1}).field == "replaces");
    a.p.limit.amount = -1;
    CHECK(refused({}).field == "limit.amount");
    a.p.limit.amount = 1;
    a.p.exposure.open_orders = INT64_MAX;
    CHECK(refused({.amount = 1}).code == errc::amount_overflow);
    a.p.exposure = {.overdue = INT64_MAX, .reservations = 1};
    CHECK(refused({.amount = 0}).code == errc::amount_overflow);
    CHECK(refused({.amount = 0}).field == "exposure");
    a.p.exposure = {.not_due = INT64_MAX};
    CHECK(refused({.amount = 1}).field == "credit_limit");  // where it would come to more than can be told
    a.p.exposure = {};
    a.overrides = {{.amount = 5}};
    CHECK(refused({}).field == "overrides.until");
    a.overrides.clear();
    a.groups.resize(9);
    CHECK(refused({}).field == "groups");
}

TEST_CASE("items beyond 64 bits in sum are no error where what counts fits", "[policy][credit]") {
    auto a = with_limit(1'000);
    a.items = {{"I-1", INT64_MAX, today, false}, {"I-2", 500, today, false}};
    a.p.exposure = {.not_due = INT64_MAX, .security = INT64_MAX - 500};
    auto const held = check_credit(a.picture(), {.amount = 600}, {}).value();
    CHECK(held.verdict == hold);
    CHECK(held.exposure == 500);
    CHECK(held.available.amount == 500);
}

namespace {

/// Forty generated pictures, each way to clear them tried by brute force.
void clears_truly(int seed) {
    std::mt19937_64 random{static_cast<std::uint64_t>(seed)};
    auto const pick = [&](int below) { return std::uniform_int_distribution<int>{0, below - 1}(random); };
    int ways = 0;
    for (int round = 0; round < 40; ++round) {
        credit_rules rules;
        rules.residue = pick(3) * 3;
        rules.overdue_amount = pick(15);
        rules.overdue_share_basis_points = pick(3) * 2'500;
        rules.overdue_days = pick(40);
        if (pick(3) == 0) rules.document_limit = pick(60);
        if (pick(3) == 0) rules.first_order = pick(60);
        if (pick(4) == 0) rules.counts.disputed = false;
        if (pick(4) == 0) rules.counts.not_due = false;
        if (pick(8) == 0) rules.counts.overdue = false;
        if (pick(6) == 0) rules.counts.unallocated = false;
        if (pick(2) == 0) rules.counts.quotations = true;
        if (pick(6) == 0) rules.counts.security = false;
        if (pick(4) == 0) rules.refusing = {credit_rule::oldest_item, credit_rule::credit_limit};
        rules.override_tolerance_basis_points = pick(3) * 700;
        if (pick(3) == 0) rules.horizon_days = pick(30);
        if (pick(4) == 0) rules.limit_review_days = pick(20);

        account a;
        a.p.orders = pick(3);
        a.p.dunning_level = pick(5);
        a.p.standing = static_cast<standing>(std::max(0, pick(9) - 4));
        a.p.exposure.open_orders = pick(60);
        a.p.exposure.unallocated = pick(10);
        if (pick(8) != 0) a.p.limit = credit_limit::of(pick(120));
        if (pick(10) == 0) a.p.limit.until = today - 1;
        if (pick(4) == 0) a.p.limit.review_on = today - pick(40);
        if (pick(5) == 0) a.p.limit.season_basis_points[static_cast<std::size_t>(pick(12))] = 20'000;
        for (int i = pick(6); i > 0; --i) {
            auto const amount = pick(30);  // one pick a statement: the order of arguments is the compiler's
            auto const due = pick(120) - 50;
            a.owe("I", amount, due, pick(4) == 0);
        }
        for (int i = pick(3); i > 0; --i) {
            auto const from = today + pick(40);
            a.temporary.push_back({.from = from, .until = from + pick(20), .amount = 50 + pick(100)});
        }
        for (int i = pick(3); i > 0; --i) {
            auto const amount = pick(30);
            a.reserve(amount, today + pick(30));
        }
        for (int i = pick(4); i > 0; --i) {
            a.groups.push_back({.group = "G",
                                .mode = static_cast<pool_mode>(pick(3)),
                                .limit = pick(5) == 0 ? credit_limit{} : credit_limit::of(pick(250)),
                                .used = pick(120)});
            if (pick(6) == 0) a.groups.back().limit.until = today + pick(60);
            a.group_guarantees.emplace_back();
            if (pick(3) == 0) {
                auto const amount = pick(40);
                a.group_guarantees.back().push_back({amount, today + pick(30)});
            }
        }
        for (int i = pick(3); i > 0; --i) {
            auto const amount = pick(30);
            a.offer(amount, today + pick(30));
        }
        for (int i = pick(3); i > 0; --i) {
            auto const amount = pick(30);
            a.secure(amount, today + pick(30));
        }
        if (pick(3) == 0) a.overrides = {{.amount = pick(30), .until = today + pick(10), .order = "O-1"}};
        credit_request r{.amount = pick(80), .step = static_cast<credit_step>(pick(5)), .order = "O-1"};
        if (r.step >= credit_step::change && r.step != credit_step::reopen) {
            r.replaces = std::min<std::int64_t>(pick(60), a.p.exposure.open_orders);
        }
        if (rules.horizon_days) {
            for (int i = pick(3); i > 0; --i) {
                auto const open = pick(30);
                a.order_for_later(open, today + *rules.horizon_days + 1 + pick(40));
            }
            if (pick(2) == 0) r.delivery_date = today + pick(70);
        }

        auto const answer = ask(a, r, rules);
        CAPTURE(seed, round, to_text(answer, cny, language::en));
        if (answer.verdict == approve) {
            REQUIRE(answer.clears.empty());
            continue;
        }
        ways += static_cast<int>(answer.clears.size());

        std::int64_t least_payment = 0;
        for (std::int64_t paid = 1; paid <= 400 && least_payment == 0; ++paid) {
            auto after = a;
            after.pay(paid, rules);
            if (verdict_of(after, r, rules) == approve) least_payment = paid;
        }
        auto const* const payment = way(answer, clearance::payment);
        REQUIRE((payment == nullptr ? 0 : payment->amount) == least_payment);

        std::int64_t largest = 0;
        for (std::int64_t part = 1; part < r.amount; ++part) {
            if (verdict_of(a, cut_to(r, part), rules) == approve) largest = part;
        }
        auto const* const reduction = way(answer, clearance::reduction);
        REQUIRE((reduction == nullptr ? 0 : reduction->amount) == largest);

        day_number first = no_day;
        for (day_number on = today + 1; on <= today + 370 && first == no_day; ++on) {
            auto after = a;
            after.wait_until(on, rules);
            if (verdict_of(after, r, rules) == approve) first = on;
        }
        auto const* const date = way(answer, clearance::date);
        REQUIRE((date == nullptr ? no_day : date->on) == first);

        auto const* const approval = way(answer, clearance::approval);
        REQUIRE((approval == nullptr) == (answer.verdict == refuse));
        if (approval != nullptr) {
            auto after = a;
            after.overrides.push_back({.amount = approval->amount, .until = approval->on, .order = r.order});
            REQUIRE(verdict_of(after, r, rules) == approve);
            after.overrides.back().amount -= 1;
            REQUIRE((approval->amount == 0 || verdict_of(after, r, rules) == hold));
        }

        if (auto const* const better = way(answer, clearance::standing)) {
            for (auto s = static_cast<int>(a.p.standing); s >= static_cast<int>(better->to); --s) {
                auto after = a;
                after.p.standing = static_cast<standing>(s);
                REQUIRE((verdict_of(after, r, rules) == approve) == (s == static_cast<int>(better->to)));
            }
        }
    }
    CHECK(ways > 20);
}

}  // namespace

TEST_CASE("what would clear it is true and the least, whatever the picture", "[policy][credit]") {
    clears_truly(GENERATE(range(1, 41)));
}
TEST_CASE("what would clear it is true and the least, in sixty thousand pictures", "[policy][credit][.long]") {
    clears_truly(GENERATE(range(1, 1'501)));
}

TEST_CASE("what is available is what passes, and no more", "[policy][credit]") {
    auto const seed = GENERATE(range(1, 41));
    std::mt19937_64 random{static_cast<std::uint64_t>(seed)};
    auto const pick = [&](int below) { return std::uniform_int_distribution<int>{0, below - 1}(random); };
    for (int round = 0; round < 100; ++round) {
        account a;
        a.p.standing = static_cast<standing>(pick(4));
        a.p.exposure.open_orders = pick(100);
        if (pick(4) != 0) a.p.limit = credit_limit::of(pick(200));
        for (int i = pick(4); i > 0; --i) {
            a.groups.push_back({.group = "G",
                                .mode = static_cast<pool_mode>(pick(3)),
                                .limit = credit_limit::of(pick(300)),
                                .used = 100 + pick(150)});
        }
        auto const room = ask(a, {.amount = 1}).available;
        CAPTURE(seed, round, room.amount);
        if (room.kind != limit_kind::amount) continue;
        if (room.amount > 0) REQUIRE(verdict_of(a, {.amount = room.amount}) == approve);
        REQUIRE(verdict_of(a, {.amount = std::max<std::int64_t>(room.amount, 0) + 1}) == hold);
    }
}

TEST_CASE("an answer is told as JSON and in two languages", "[policy][credit]") {
    auto a = with_limit(1'000'00, 700'00);
    auto const held = ask(a, {.amount = 300'01});
    std::string json;
    append_json(json, held, cny);
    auto const o = boost::json::parse(json).as_object();
    CHECK(o.at("verdict") == "hold");
    CHECK(o.at("exposure") == "700.00 CNY");
    CHECK(o.at("available") == "300.00 CNY");
    CHECK(o.at("by_category").at("open_orders") == "700.00 CNY");
    CHECK(o.at("rules").as_array().size() == 14);
    auto const& limit = o.at("rules").at(3);
    CHECK(limit.at("rule") == "credit_limit");
    CHECK(limit.at("verdict") == "hold");
    CHECK(limit.at("saw") == "1000.01 CNY");
    CHECK(limit.at("threshold") == "1000.00 CNY");
    CHECK(limit.at("margin") == "-0.01 CNY");
    CHECK(boost::json::serialize(o.at("clears")) ==
          R"([{"by":"payment","amount":"0.01 CNY"},{"by":"reduction","amount":"300.00 CNY"},)"
          R"({"by":"approval","amount":"300.01 CNY","until":"2026-03-10"}])");

    CHECK(to_text(held, cny, language::en) ==
          "held: exposure 700.00 CNY, available 300.00 CNY\n"
          "  - the exposure would come to 1000.01 CNY, the limit is 1000.00 CNY\n"
          "  cleared by a payment of 0.01 CNY\n"
          "  cleared by a reduction to 300.00 CNY\n"
          "  cleared by an approval of 300.01 CNY, valid until 2026-03-10\n");
    CHECK(to_text(held, cny, language::zh) ==
          "暂挂：信用占用 700.00 CNY，可用 300.00 CNY\n"
          "  - 信用占用将达 1000.01 CNY，额度为 1000.00 CNY\n"
          "  可解除：收款 0.01 CNY\n"
          "  可解除：减至 300.00 CNY\n"
          "  可解除：特批 300.01 CNY，有效至 2026-03-10\n");
    json.clear();
    append_json(json, ask(account{}, {.amount = 1}), cny);
    CHECK(boost::json::parse(json).at("available").is_null());
}

TEST_CASE("every rule has its words in both languages, whichever way it goes", "[policy][credit]") {
    for (std::size_t i = 0; i < credit_rule_count; ++i) {
        for (auto const v : {verdict::met, verdict::not_met, verdict::unknown}) {
            reason const r{.rule = name_of(static_cast<credit_rule>(i)), .verdict = v, .what = "X"};
            CHECK(sentence(r, cny, language::en) != r.rule);
            CHECK(sentence(r, cny, language::zh) != sentence(r, cny, language::en));
        }
    }
}
