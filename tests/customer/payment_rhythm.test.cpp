#include <patron/customer/payment_rhythm.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <utility>

using namespace patron;
using Catch::Matchers::WithinRel;

namespace {

/// The part of the terms that the level says of late.
double recent(payment_rhythm const& of) { return std::exp(of.level().recent()) / payment_rhythm::whole_terms; }

payment_rhythm paid_once(int terms, int after_days) {
    payment_rhythm p;
    p.paid({.invoiced = 100, .settled = 100, .issued = 1'000, .due = 1'000 + terms}, 1'000 + after_days, no_day);
    return p;
}
payment_rhythm paid(std::initializer_list<int> after_days) {
    payment_rhythm p;
    day_number issued = 10'000;
    for (auto const days : after_days) {
        issued += 100;
        p.paid({.invoiced = 100, .settled = 100, .issued = issued, .due = issued + 30}, issued + days, no_day);
    }
    return p;
}

}  // namespace

TEST_CASE("a payment takes a part of its invoice's terms: all of them on the due date", "[customer][payment_rhythm]") {
    CHECK_THAT(recent(paid_once(30, 30)), WithinRel(1, .002));
    CHECK_THAT(recent(paid_once(29, 59)), WithinRel(2, .002));
    CHECK_THAT(recent(paid_once(29, 14)), WithinRel(.5, .002));
    // terms of less than a week are taken as a week
    CHECK_THAT(recent(paid_once(0, 7)), WithinRel(1, .002));
    CHECK_THAT(recent(paid_once(0, 15)), WithinRel(2, .002));
    // told as due before it was issued, or paid before
    CHECK_THAT(recent(paid_once(-5, -3)), WithinRel(.125, .01));
    CHECK_THAT(recent(paid_once(2'000, 0)), WithinRel(.001, .002));
    CHECK_THAT(recent(paid_once(0, 79'999)), WithinRel(10'000, .004));
    CHECK(paid_once(0, 79'999).last() == 80'999);
}

TEST_CASE("of a day the largest part of an invoice tells, and a rest tells nothing", "[customer][payment_rhythm]") {
    payment_rhythm p;
    auto const part = [&](std::int64_t invoiced, std::int64_t settled, int days_taken, day_number on) {
        p.paid({.invoiced = invoiced, .settled = settled, .issued = on - days_taken, .due = on - days_taken + 29}, on,
               no_day);
    };
    part(1'000, 99, 300, 5'000);  // less than a tenth
    part(1'000, 0, 300, 5'000);
    CHECK(p.last() == no_day);
    part(1'000, 300, 59, 5'000);
    part(1'000, 700, 14, 5'000);
    part(2'000, 700, 29, 5'000);  // as large, and later
    part(600, 600, 299, 5'000);
    CHECK(p.level().count() == 1);
    CHECK_THAT(recent(p), WithinRel(1, .002));
    part(1'000, 1'000, 59, 5'001);
    CHECK(p.level().count() == 2);
    CHECK(p.late_in_row() == 1);
    // told late: what was said of later days stands
    auto const before = p;
    part(1'000, 1'000, 200, 4'999);
    CHECK(p == before);
}

TEST_CASE("payments beyond the terms are counted as long as none lies between that is not",
          "[customer][payment_rhythm]") {
    CHECK(payment_rhythm{}.late_in_row() == 0);
    CHECK(paid({30, 31}).late_in_row() == 1);
    CHECK(paid({31, 40, 90}).late_in_row() == 3);
    CHECK(paid({31, 40, 90, 30}).late_in_row() == 0);
    CHECK(paid({31, 30, 33, 50}).late_in_row() == 2);
}

TEST_CASE("how was paid before the present cooperation is forgotten", "[customer][payment_rhythm]") {
    auto p = paid({80, 90, 70, 85});
    auto const since = p.last() + 200;
    p.paid({.invoiced = 100, .settled = 100, .issued = since, .due = since + 30}, since + 30, since);
    CHECK(p.level().count() == 1);
    CHECK(p.late_in_row() == 0);
    p.paid({.invoiced = 100, .settled = 100, .issued = since, .due = since + 30}, since + 31, since);
    CHECK(p.level().count() == 2);
}

TEST_CASE("bytes that no payments lead to are told", "[customer][payment_rhythm]") {
    CHECK(payment_rhythm{}.is_sound());
    auto const sound = paid({20, 31, 44, 28, 35, 36});
    REQUIRE(sound.is_sound());
    unsigned char bytes[sizeof sound];
    std::memcpy(bytes, &sound, sizeof bytes);
    int told = 0;
    for (std::size_t at = 3; at < sizeof bytes; at += 4) {
        auto broken = bytes[at];
        std::swap(broken, bytes[at]);
        bytes[at] = 0x80;
        payment_rhythm other;
        std::memcpy(static_cast<void*>(&other), bytes, sizeof bytes);
        told += other.is_sound() ? 0 : 1;
        bytes[at] = broken;
    }
    CHECK(told >= 6);
}
