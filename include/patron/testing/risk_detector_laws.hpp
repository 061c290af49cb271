/// The laws of a detector of customers who slip away: what patron relies on, whatever the model. Works in any test
/// framework.
#pragma once
#include <patron/insight/purchase_stream.hpp>
#include <patron/insight/risk_detector.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace patron::inline v1::testing {

namespace detail {

inline void report_detector_law(std::vector<std::string>& broken, day at, std::string const& what) {
    auto line = to_string(at) + ": " + what;
    if (std::find(broken.begin(), broken.end(), line) == broken.end()) broken.push_back(std::move(line));
}

/// What stands where a detector gives no answer.
inline constexpr double no_answer = -1e300;

/// Equal, or no number both.
inline bool same_risks(std::span<double const> a, std::span<double const> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

template <insight::risk_detector D>
std::vector<double> risks_by(D const& detector, day at, std::span<std::uint32_t const> of) {
    std::vector<double> out(of.size(), no_answer);
    detector.risks(at, of, out);
    return out;
}

/// Whom a stream has numbered by the end of a day.
inline std::vector<std::uint32_t> known_customers(insight::purchase_stream const& of, day at) {
    std::uint32_t count = 0;
    for (auto const& p : of.purchases()) {
        if (p.bought.on <= at) count = std::max(count, p.customer + 1);
    }
    std::vector<std::uint32_t> out(count);
    std::iota(out.begin(), out.end(), 0U);
    return out;
}

template <insight::risk_detector D>
void check_answers(std::vector<std::string>& broken, D const& detector, day at, std::vector<std::uint32_t> of) {
    auto const first = risks_by(detector, at, of);
    for (auto const r : first) {
        if (std::isnan(r)) report_detector_law(broken, at, "a risk is not a number");
        if (r == no_answer) report_detector_law(broken, at, "a customer who was asked about has no answer");
    }
    if (!same_risks(risks_by(detector, at, of), first)) {
        report_detector_law(broken, at, "not pure: asked again, it answers otherwise");
    }
    std::reverse(of.begin(), of.end());
    auto reversed = risks_by(detector, at, of);
    std::reverse(reversed.begin(), reversed.end());
    if (!same_risks(reversed, first)) report_detector_law(broken, at, "an answer depends on the order of the question");
    for (std::size_t i = 0; i < of.size(); i += 1 + of.size() / 16) {
        auto const customer = of[i];
        if (!same_risks(risks_by(detector, at, {&customer, 1}), std::span{first}.subspan(customer, 1))) {
            report_detector_law(broken, at, "an answer depends on who else is asked about");
        }
    }
}

/// Few customers and every oddity: a month without a purchase, a day of returns only, one that buys once and one daily.
inline insight::purchase_stream odd_book() {
    constexpr auto usd = currency::literal("USD");
    constexpr day start{std::chrono::year{2023} / 2 / 27};
    std::vector<std::vector<insight::purchase_day>> all(4);
    for (int i = 0; i < 40; ++i) all[0].push_back({.on = start + std::chrono::days{i}, .amount = money{1, usd}});
    all[1].push_back({.on = start, .amount = money{-100'00, usd}});
    all[2].push_back({.on = start + std::chrono::days{1}, .amount = money{0, usd}, .lines = 7});
    all[2].push_back({.on = start + std::chrono::days{200}, .amount = money{1'000'000'000'00, usd}});
    all[3].push_back({.on = start + std::chrono::days{201}, .amount = money{5, currency::literal("EUR")}});
    return insight::purchase_stream::of(all).value();
}

template <class Make>
void check_detector(std::vector<std::string>& broken, Make const& make, insight::purchase_stream const& of, day until) {
    auto asked = make();
    auto silent = make();
    auto next = of.purchases().begin();
    day last{};
    for (period month{of.first()}; month.last() <= until; month = month + 1) {
        auto const at = month.last();
        for (; next != of.purchases().end() && next->bought.on <= at; ++next) {
            asked.bought(next->customer, next->bought);
            silent.bought(next->customer, next->bought);
        }
        asked.month_ended(at);
        silent.month_ended(at);
        check_answers(broken, asked, at, known_customers(of, at));
        last = at;
    }
    auto const all = known_customers(of, last);
    if (!same_risks(risks_by(asked, last, all), risks_by(silent, last, all))) {
        report_detector_law(broken, last,
                            "it answers otherwise when it was not asked before, or when it is made again");
    }
}

}  // namespace detail

/// The laws of an `insight::risk_detector`, tried on a book at each of its month ends until a day, and on a small one of
/// ours that has what books seldom have:
///  - it is pure: detectors that were told the same answer the same, however often they are asked;
///  - it answers for each customer who has bought, with a number, whoever else is asked about and in whatever order.
/// Whether it knows the future is looked for by insight::find_leak, since that comes in where a detector is made.
/// `make()` gives a detector that has been told nothing. Returns what it breaks, in words; an empty list means that no law
/// was seen broken. Complexity: that of the months of two detectors, each asked about every customer.
template <class Make>
    requires insight::risk_detector<decltype(std::declval<Make const&>()())>
[[nodiscard]] std::vector<std::string> risk_detector_laws(Make const& make, insight::purchase_stream const& of,
                                                          day until) {
    std::vector<std::string> broken;
    auto const odd = detail::odd_book();
    detail::check_detector(broken, make, odd, (period{odd.last()} + 2).last());
    if (!of.empty()) detail::check_detector(broken, make, of, until);
    return broken;
}

}  // namespace patron::v1::testing
