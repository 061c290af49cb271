#include <patron/policy/credit_hold.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using namespace patron;

namespace {

constexpr day_number today = 20'000;

struct desk {
    credit_picture picture{.on = today, .limit = credit_limit::of(1'000), .orders = 3};
    credit_request request{.amount = 300, .order = "O-1"};
    std::vector<open_item> items{};
    std::vector<credit_override> overrides{};

    [[nodiscard]] credit_answer answer() {
        picture.items = items;
        picture.overrides = overrides;
        return check_credit(picture, request, {}).value();
    }
    [[nodiscard]] credit_hold hold(day_number until = no_day) {
        return credit_hold::of("O-1", answer(), picture.on, until).value();
    }
};
desk over_limit() {
    desk d;
    d.picture.exposure.open_orders = 800;
    return d;
}
hold_release const by_lee{.by = "Lee", .reason = "pays on Friday", .amount = 300, .days = 3};

}  // namespace

TEST_CASE("a hold keeps all its reasons, each closed and reopened as facts come in", "[policy][credit_hold]") {
    auto d = over_limit();
    auto hold = d.hold();
    REQUIRE(hold.causes().size() == 1);
    CHECK(hold.causes()[0].finding.why.rule == "credit_limit");

    d.picture.is_ended = true;
    d.picture.exposure.open_orders = 100;
    d.picture.on = today + 1;
    hold.reassess(d.answer(), today + 1);
    CHECK(hold.state() == hold_state::held);
    REQUIRE(hold.causes().size() == 2);
    CHECK_FALSE(hold.causes()[0].is_open);
    CHECK(hold.causes()[1].since == today + 1);

    d.picture.is_ended = false;
    hold.reassess(d.answer(), today + 2);
    CHECK(hold.state() == hold_state::ready);

    d.picture.exposure.open_orders = 900;
    hold.reassess(d.answer(), today + 3);
    CHECK(hold.state() == hold_state::held);
    CHECK(hold.causes()[0].is_open);
    CHECK(hold.causes()[0].since == today + 3);
    CHECK(hold.resume(today + 3).error().code == errc::impossible_now);
    d.picture.exposure.open_orders = 0;
    hold.reassess(d.answer(), today + 4);
    CHECK(hold.resume(today + 4).has_value());
    CHECK(hold.state() == hold_state::released);
    CHECK_FALSE(hold.decided_by().has_value());
}

TEST_CASE("what a person releases makes the check agree, up to its amount and tolerance", "[policy][credit_hold]") {
    auto d = over_limit();
    auto hold = d.hold();
    auto const release = [&] {
        auto r = by_lee;
        r.tolerance_basis_points = 1'000;
        return r;
    }();
    d.overrides = {hold.release(release, today).value()};
    CHECK(hold.state() == hold_state::released);
    CHECK(hold.decided_by()->by == "Lee");
    CHECK(d.overrides[0].until == today + 3);
    CHECK(d.answer().verdict == credit_verdict::approve);
    d.request.amount = 330;
    CHECK(d.answer().verdict == credit_verdict::approve);
    d.request.amount = 331;
    CHECK(d.answer().verdict == credit_verdict::hold);
    d.request.amount = 300;
    d.picture.on = today + 3;
    CHECK(d.answer().verdict == credit_verdict::approve);
    d.picture.on = today + 4;
    CHECK(d.answer().verdict == credit_verdict::hold);
    CHECK(hold.release(by_lee, today).error().code == errc::impossible_now);  // decided once
}

TEST_CASE("a forced hold is ended by a person only", "[policy][credit_hold]") {
    desk d;
    CHECK(d.answer().verdict == credit_verdict::approve);
    CHECK(credit_hold::of("O-1", d.answer(), today).error().code == errc::impossible_now);
    CHECK(credit_hold::forced("O-1", "", "rumours", today).error().field == "by");
    CHECK(credit_hold::forced("O-1", "Wu", "", today).error().field == "reason");
    auto hold = credit_hold::forced("O-1", "Wu", "rumours", today).value();
    hold.reassess(d.answer(), today + 1);
    CHECK(hold.state() == hold_state::held);
    CHECK(hold.resume(today + 1).error().code == errc::impossible_now);
    auto other = hold;
    CHECK(hold.release(by_lee, today + 1).has_value());
    CHECK(other.reject({.by = "Wu", .reason = "true", .on = today + 1}).has_value());
    CHECK(other.state() == hold_state::rejected);
}

TEST_CASE("a hold that nobody decides expires after its last day, and then stays", "[policy][credit_hold]") {
    auto d = over_limit();
    auto hold = d.hold(today + 5);
    hold.pass_day(today + 5);
    CHECK(hold.state() == hold_state::held);
    auto late = hold;
    CHECK(late.release(by_lee, today + 6).error().code == errc::impossible_now);
    CHECK(late.state() == hold_state::held);  // nothing changes
    hold.reassess(desk{}.answer(), today + 6);
    CHECK(hold.state() == hold_state::expired);
    CHECK(hold.reject({.by = "Wu", .reason = "late", .on = today + 6}).error().code == errc::impossible_now);
}

TEST_CASE("what is refused is not released", "[policy][credit_hold]") {
    auto d = over_limit();
    d.picture.standing = standing::blocked;
    auto hold = d.hold();
    CHECK(hold.release(by_lee, today).error().code == errc::impossible_now);
    d.picture.standing = standing::good;
    hold.reassess(d.answer(), today);
    CHECK(hold.release(by_lee, today).has_value());
}

TEST_CASE("a release says who, why, how much and how long", "[policy][credit_hold]") {
    auto d = over_limit();
    auto hold = d.hold();
    auto const field = [&](auto const& change) {
        auto r = by_lee;
        change(r);
        auto const before = hold;
        auto const e = hold.release(r, today).error();
        CHECK(hold == before);
        return e.field;
    };
    CHECK(field([](auto& r) { r.by.clear(); }) == "by");
    CHECK(field([](auto& r) { r.reason.clear(); }) == "reason");
    CHECK(field([](auto& r) { r.amount = -1; }) == "amount");
    CHECK(field([](auto& r) { r.days = -1; }) == "days");
    CHECK(field([](auto& r) { r.days = INT32_MAX; }) == "days");
    CHECK(field([](auto& r) { r.tolerance_basis_points = -1; }) == "tolerance_basis_points");
}

TEST_CASE("a hold is held exactly while a cause is open or a person wants it", "[policy][credit_hold]") {
    std::mt19937_64 random{11};
    auto const pick = [&](int below) { return std::uniform_int_distribution<int>{0, below - 1}(random); };
    for (int round = 0; round < 500; ++round) {
        auto d = over_limit();
        auto hold = pick(3) == 0 ? credit_hold::forced("O-1", "Wu", "rumours", today).value() : d.hold();
        for (int i = 1; i < 10; ++i) {
            d.picture.exposure.open_orders = 500 + pick(400);
            d.picture.is_ended = pick(3) == 0;
            d.picture.dunning_level = pick(5);
            d.items.clear();
            if (pick(3) == 0) d.items = {{"I-1", 5'000, today - pick(120), false}};
            auto const causes = hold.causes().size();
            hold.reassess(d.answer(), today + i);
            auto const any_open = std::ranges::any_of(hold.causes(), &credit_hold::cause::is_open);
            REQUIRE((hold.state() == hold_state::held) == (any_open || hold.is_forced()));
            REQUIRE(hold.causes().size() >= causes);
        }
    }
}
