// Facts in one line each, and the book that they make.
#pragma once
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::tests {

using namespace std::chrono_literals;
using namespace patron::literals;

inline constexpr currency cny = currency::literal("CNY");
/// Whole yuan.
inline money yuan(std::int64_t amount) { return {amount * 100, cny}; }
inline day on(int year, unsigned month, unsigned day_of_month) {
    return day{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day_of_month}};
}
inline period in_month(int year, unsigned month) { return period{std::chrono::year{year}, std::chrono::month{month}}; }

template <class F>
F fact_at(day at, std::string customer = "C1") {
    F f;
    f.at = at;
    f.customer = std::move(customer);
    return f;
}
/// Applies facts that must be taken.
template <class... Facts>
void tell(engine& book, Facts const&... facts) {
    auto const one = [&](fact const& f) {
        auto const outcome = book.apply(f);
        INFO((outcome ? std::string{} : outcome.error().message()));
        REQUIRE(outcome.has_value());
    };
    (one(facts), ...);
}
inline customer_enrolled enrolled(day at, std::string customer = "C1") {
    auto f = fact_at<customer_enrolled>(at, std::move(customer));
    f.name = "Name of " + f.customer;
    f.currency = cny;
    return f;
}
inline order_placed order(day at, std::string number, money amount, std::string customer = "C1") {
    auto f = fact_at<order_placed>(at, std::move(customer));
    f.order = std::move(number);
    f.amount = amount;
    return f;
}
inline wallet_stated wallet(day at, period month, money amount, std::string customer = "C1") {
    auto f = fact_at<wallet_stated>(at, std::move(customer));
    f.period = month;
    f.amount = amount;
    return f;
}
template <class F>
F about_order(day at, std::string number, std::optional<money> amount = {}) {
    auto f = fact_at<F>(at);
    f.order = std::move(number);
    f.amount = amount;
    return f;
}
inline invoice_issued invoice(day at, std::string number, money amount, day due,
                              std::optional<std::string> of_order = {}) {
    auto f = fact_at<invoice_issued>(at);
    f.invoice = std::move(number);
    f.amount = amount;
    f.due = due;
    f.order = std::move(of_order);
    return f;
}
inline payment_received payment(day at, money amount, std::optional<std::string> of_invoice = {}) {
    auto f = fact_at<payment_received>(at);
    f.amount = amount;
    f.invoice = std::move(of_invoice);
    return f;
}
inline contact_added contact_of(day at, std::string person, std::string department, std::string level) {
    auto f = fact_at<contact_added>(at);
    f.person = std::move(person);
    f.role = "decider";
    f.department = std::move(department);
    f.level = std::move(level);
    return f;
}
inline agreement_signed strategic(day at, std::string name, std::optional<day> until = {}) {
    auto f = fact_at<agreement_signed>(at);
    f.agreement = std::move(name);
    f.kind = agreement_kind::strategic;
    f.until = until;
    return f;
}
inline competitor_observed competitor(day at, std::string name, int hundredths) {
    auto f = fact_at<competitor_observed>(at);
    f.competitor = std::move(name);
    f.strength = decimal{hundredths, 2};
    return f;
}
inline corrected correction(day at, std::string of, std::string field, std::string value) {
    corrected f;
    f.at = at;
    f.of = std::move(of);
    f.changes.push_back({std::move(field), std::move(value)});
    return f;
}
inline review_held review(day at, period month) {
    review_held f;
    f.at = at;
    f.period = month;
    return f;
}
template <class F>
F named(std::string ref, F f) {
    f.ref = std::move(ref);
    return f;
}

inline std::string rows_of(engine const& book) {
    std::string text;
    book.each_by_code([&](customer_row const& row) {
        append_json(text, row);
        text += '\n';
        return true;
    });
    return text;
}

/// Whether a CJK character stands in the text: their UTF-8 begins with E4 … E9. Byte by byte, since
/// clang 19 finds no byte above 7F by `find_first_of` of a literal.
inline bool has_chinese(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte >= 0xE4 && byte <= 0xE9;
    });
}

}  // namespace patron::tests
