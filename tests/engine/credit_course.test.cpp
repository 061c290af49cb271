// Credit that another rulebook would have refused, and of what was lost since (ENG-3).
#include <patron/engine/credit_course.hpp>

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

engine under(credit_rules rules) {
    engine_options how;
    how.rules.credit = std::move(rules);
    return engine{std::move(how)};
}
/// A limit of 1 000 yuan; an order of 600 that is paid, and one of 900 that never is.
void tell_story(engine& book) {
    tell(book, enrolled(on(2024, 1, 1)));
    auto limit = fact_at<limit_set>(on(2024, 1, 1));
    limit.amount = yuan(1'000);
    tell(book, limit, order(on(2024, 1, 2), "O1", yuan(600)),
         invoice(on(2024, 1, 3), "I1", yuan(600), on(2024, 2, 2), "O1"), payment(on(2024, 1, 20), yuan(600), "I1"),
         order(on(2024, 2, 1), "O2", yuan(900)), invoice(on(2024, 2, 2), "I2", yuan(900), on(2024, 3, 2), "O2"));
}

limit_set limit(day at, limit_amount amount, std::string customer = "C1", std::optional<pool_mode> mode = {}) {
    auto f = fact_at<limit_set>(at, std::move(customer));
    f.amount = amount;
    f.mode = mode;
    return f;
}
customer_enrolled member(day at, std::string customer, std::string parent, currency in = cny) {
    auto f = enrolled(at, std::move(customer));
    f.parent = std::move(parent);
    f.currency = in;
    return f;
}
override_granted override_for(day at, money amount, day until, std::optional<std::string> number = {},
                              std::string customer = "C1") {
    auto f = fact_at<override_granted>(at, std::move(customer));
    f.amount = amount;
    f.by = "head of credit";
    f.reason = "fair";
    f.until = until;
    f.order = std::move(number);
    return f;
}
reservation_made reserved(day at, std::string name, money amount, std::optional<day> until = {},
                          std::string customer = "C1") {
    auto f = fact_at<reservation_made>(at, std::move(customer));
    f.reservation = std::move(name);
    f.amount = amount;
    f.until = until;
    return f;
}

credit_course course_of(engine const& book, std::string_view code = "C1") {
    auto const course = credit_course_of(book, code, on(2030, 12, 31));
    INFO((course ? std::string{} : course.error().message()));
    REQUIRE(course.has_value());
    return course.value();
}

/// What some firms trade on credit, some of them in groups: in the order of days, on a day by code. Not all of it can be
/// taken. The same for the same seed.
class trade_on_credit {
public:
    static constexpr std::array<char const*, 7> codes{"A1", "A2", "A3", "A4", "G0", "G1", "Z1"};

    trade_on_credit(std::uint64_t seed, bool reviews) : random_{seed}, reviews_{reviews} {
        begin();
        for (int i = 0; i < 90; ++i) {
            auto const month = period{at_};
            at_ += std::chrono::days{static_cast<int>(1 + below(4))};
            if (reviews_ && period{at_} != month) put(review(at_, month));
            for (auto facts = below(5); facts > 0; --facts) something();
            end_of_day();
        }
    }
    [[nodiscard]] std::vector<fact> const& facts() const noexcept { return all_; }

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    std::string someone() { return codes[below(codes.size())]; }
    money amount(std::uint64_t most = 900) { return {static_cast<std::int64_t>(100 * (1 + below(most))), currency{}}; }
    day soon() { return at_ + std::chrono::days{static_cast<int>(below(30))}; }
    std::string number(int of) { return std::to_string(1 + below(static_cast<std::uint64_t>(of + 2))); }

    void put(fact f) { today_.push_back(std::move(f)); }
    void end_of_day() {
        std::stable_sort(today_.begin(), today_.end(),
                         [](fact const& a, fact const& b) { return head_of(a).customer < head_of(b).customer; });
        for (auto& f : today_) {
            set_ref(f, "F" + std::to_string(all_.size()));
            all_.push_back(std::move(f));
        }
        today_.clear();
    }
    void begin() {
        auto const usd = currency::literal("USD");
        put(member(at_, "A1", "G1"));
        put(member(at_, "A2", "G1"));
        put(member(at_, "A3", "G0", one_in(2) ? usd : cny));
        put(enrolled(at_, "A4"));
        put(enrolled(at_, "G0"));
        put(member(at_, "G1", "G0", one_in(4) ? usd : cny));
        put(enrolled(at_, "Z1"));
        for (auto const& code : codes) {
            if (!one_in(4)) put(limited(code));
        }
        end_of_day();
    }
    limit_set limited(std::string const& code) {
        auto f = limit(at_, one_in(12) ? limit_amount::unlimited() : limit_amount{amount(3'000)}, code);
        if (one_in(2)) f.mode = static_cast<pool_mode>(below(3));
        if (one_in(3)) f.until = at_ + std::chrono::days{static_cast<int>(60 + below(200))};
        if (one_in(4)) f.seasons = {{static_cast<int>(1 + below(12)), static_cast<int>(50 + below(100))}};
        if (one_in(8)) f.per_document = amount();
        return f;
    }
    void something() {
        auto const who = someone();
        auto const ordered = "O" + number(orders_);
        auto const told = [&](auto f) {
            f.at = at_;
            f.customer = who;
            put(f);
        };
        switch (below(22)) {
            case 0: put(limited(who)); break;
            case 1: {
                auto f = fact_at<temporary_limit_granted>(at_, who);
                f.amount = amount(4'000);
                f.until = soon();
                put(f);
                break;
            }
            case 2: put(member(at_, who, one_in(5) ? "" : codes[4 + below(3)], cny)); break;  // moves
            case 3: told(override_for(at_, amount(1'500), soon())); break;
            case 4: told(override_for(at_, amount(1'500), soon(), "O" + std::to_string(orders_ + 1))); break;
            case 5: {
                auto f = fact_at<order_held>(at_, who);
                f.order = "O" + std::to_string(orders_ + 1 + static_cast<int>(below(2)));
                f.amount = amount();
                if (one_in(2)) {
                    f.by = "li.na";
                    f.reason = "asked to";
                }
                if (one_in(2)) f.until = soon();
                put(f);
                if (one_in(3)) {
                    auto turned_down = fact_at<hold_rejected>(at_, who);
                    turned_down.order = f.order;
                    turned_down.by = "li.na";
                    turned_down.reason = "no";
                    put(turned_down);
                }
                break;
            }
            case 6:
                told(reserved(at_, "O" + std::to_string(orders_ + 1 + static_cast<int>(below(3))), amount(),
                              one_in(3) ? std::nullopt : std::optional{soon()}));
                break;
            case 7: {
                auto f = fact_at<reservation_released>(at_, who);
                f.reservation = ordered;
                f.amount = amount(100);
                put(f);
                break;
            }
            case 8: {
                auto f = fact_at<deposit_paid>(at_, who);
                f.amount = amount(300);
                put(f);
                break;
            }
            case 9: told(about_order<order_cancelled>(at_, ordered)); break;
            case 10: told(about_order<goods_delivered>(at_, ordered)); break;
            case 11:
            case 12: told(invoice(at_, "I" + std::to_string(++invoices_), amount(), soon(), ordered)); break;
            case 13: told(payment(at_, amount(1'500))); break;
            case 14: {
                rate_set f;
                f.at = at_;
                f.from = one_in(2) ? cny : currency::literal("USD");
                f.to = f.from == cny ? currency::literal("USD") : cny;
                f.rate = decimal{static_cast<std::int64_t>(f.from == cny ? 120 + below(40) : 6'500 + below(1'000)), 3};
                put(f);
                break;
            }
            case 15: {
                if (!one_in(4)) break;
                auto f = fact_at<relationship_ended>(at_, who);
                f.cause = "moved away";
                put(f);
                break;
            }
            default: put(order(at_, "O" + std::to_string(++orders_), amount(), who)); break;
        }
    }

    std::mt19937_64 random_;
    bool reviews_;
    day at_ = on(2024, 1, 2);
    int orders_ = 0;
    int invoices_ = 0;
    std::vector<fact> today_{};
    std::vector<fact> all_{};
};

/// What a live book said to each order before it took it.
struct live_checks {
    engine book;
    std::map<std::string, credit_course> courses{};  ///< what was ordered and refused
    int only_by_groups = 0;                          ///< orders that nothing but a group's limit has held

    live_checks(trade_on_credit const& trade, engine_options how) : book{std::move(how)} {
        day today{};
        for (auto const& f : trade.facts()) {
            if (auto const at = head_of(f).at.on(); at != today) {
                if (today != day{}) (void)book.advance_to(at - std::chrono::days{1});
                today = at;
            }
            auto const* placed = std::get_if<order_placed>(&f);
            auto verdict = credit_verdict::refuse;
            if (placed != nullptr) verdict = verdict_of(*placed);
            if (!book.apply(f) || placed == nullptr) continue;
            auto& course = courses[placed->customer];
            auto const amount = placed->amount.owned_as(book.state_of(placed->customer).value().in).value();
            ++course.orders;
            course.ordered += amount.minor_units();
            if (verdict == credit_verdict::approve) continue;
            ++course.orders_refused;
            course.refused += amount.minor_units();
        }
    }

private:
    credit_verdict verdict_of(order_placed const& placed) {
        credit_query asked;
        asked.amount = placed.amount;
        asked.order = placed.order;
        asked.on = placed.at.on();
        auto const answer = book.check(placed.customer, asked);
        if (!answer) return credit_verdict::refuse;
        auto const speaks = [](bool of_groups) {
            return [=](credit_finding const& f) {
                return f.outcome != credit_verdict::approve && !f.overridden &&
                       (f.why.rule == "group_limit") == of_groups;
            };
        };
        auto const& rules = answer.value().rules;
        if (std::any_of(rules.begin(), rules.end(), speaks(true)) &&
            std::none_of(rules.begin(), rules.end(), speaks(false)))
            ++only_by_groups;
        return answer.value().verdict;
    }
};

}  // namespace

TEST_CASE("orders beyond the limit would have been refused, and what they lost spared", "[engine][credit_course]") {
    auto book = under({});
    tell_story(book);
    auto const last = on(2024, 12, 31);
    auto const lent = credit_course_of(book, "C1", last).value();
    CHECK(lent == credit_course{.in = cny, .orders = 2, .ordered = 1'500'00, .lost = 900'00});

    credit_rules strict;
    strict.document_limit = 800'00;
    auto other = under(strict);
    tell_story(other);
    CHECK(credit_course_of(other, "C1", last).value() == credit_course{.in = cny,
                                                                       .orders = 2,
                                                                       .orders_refused = 1,
                                                                       .ordered = 1'500'00,
                                                                       .refused = 900'00,
                                                                       .lost = 900'00,
                                                                       .spared = 900'00});
    CHECK(credit_courses_of(other, last).value() == std::vector{credit_course_of(other, "C1", last).value()});
}

TEST_CASE("each order is checked by what was owed when it was placed", "[engine][credit_course]") {
    auto book = under({});
    tell(book, enrolled(on(2024, 1, 1)));
    auto limit = fact_at<limit_set>(on(2024, 1, 1));
    limit.amount = yuan(1'000);
    tell(book, limit, order(on(2024, 1, 2), "O1", yuan(700)), order(on(2024, 1, 3), "O2", yuan(700)),
         about_order<order_cancelled>(on(2024, 1, 4), "O1"), about_order<order_cancelled>(on(2024, 1, 4), "O2"),
         order(on(2024, 1, 5), "O3", yuan(1'000)));
    auto const lent = credit_course_of(book, "C1", on(2024, 1, 31)).value();
    CHECK(lent.orders == 3);
    CHECK(lent.orders_refused == 1);
    CHECK(lent.refused == 700'00);
}

TEST_CASE("what is not yet late, disputed or of a later day is no loss", "[engine][credit_course]") {
    auto book = under({});
    tell_story(book);
    auto const lost = [&](day on, int after = 90) { return credit_course_of(book, "C1", on, after).value().lost; };
    CHECK(lost(on(2024, 3, 2) + std::chrono::days{90}) == 0);
    CHECK(lost(on(2024, 3, 2) + std::chrono::days{91}) == 900'00);
    CHECK(lost(on(2024, 3, 3), 0) == 900'00);
    CHECK(lost(on(2024, 1, 31), 0) == 0);
    CHECK(credit_course_of(book, "C1", on(2024, 1, 31)).value().orders == 1);
    auto disputed = fact_at<invoice_disputed>(on(2024, 4, 1));
    disputed.invoice = "I2";
    tell(book, disputed);
    CHECK(lost(on(2024, 12, 31)) == 0);
    CHECK(credit_course_of(book, "nobody", on(2024, 12, 31)).error().code == errc::unknown_customer);
}

TEST_CASE("whether the house tells of its reviews or not, an order is checked alike", "[engine][credit_course]") {
    auto const refused = [](review_mode reviews) {
        engine_options how;
        how.reviews = reviews;
        engine book{std::move(how)};
        tell(book, enrolled(on(2022, 1, 1)));
        auto limit = fact_at<limit_set>(on(2022, 1, 1));
        limit.amount = yuan(1'000);
        tell(book, limit, order(on(2022, 1, 2), "O1", yuan(100)), about_order<order_cancelled>(on(2022, 1, 3), "O1"));
        if (reviews == review_mode::by_fact) {
            for (unsigned month = 1; month <= 24; ++month) {
                review_held review;
                review.period = in_month(2022 + static_cast<int>(month - 1) / 12, 1 + (month - 1) % 12);
                review.at = review.period.last();
                tell(book, review);
            }
        } else {
            book.advance_to(on(2023, 12, 31));
        }
        REQUIRE(book.find("C1").value().state.stage == stage::ended);  // silent for too long
        tell(book, order(on(2024, 1, 2), "O2", yuan(100)));
        return credit_course_of(book, "C1", on(2024, 1, 31)).value().orders_refused;
    };
    CHECK(refused(review_mode::monthly) == 1);
    CHECK(refused(review_mode::by_fact) == 1);
}

TEST_CASE("an order of what was quoted is counted once", "[engine][credit_course]") {
    credit_rules counting;
    counting.counts.quotations = true;
    auto book = under(counting);
    tell(book, enrolled(on(2024, 1, 1)));
    auto limit = fact_at<limit_set>(on(2024, 1, 1));
    limit.amount = yuan(1'000);
    auto offer = fact_at<quotation_made>(on(2024, 1, 2));
    offer.quotation = "Q1";
    offer.amount = yuan(800);
    auto placed = order(on(2024, 1, 3), "O1", yuan(800));
    placed.quotation = "Q1";
    tell(book, limit, offer, placed);
    offer.quotation = "Q2";
    offer.at = on(2024, 1, 4);
    offer.amount = yuan(150);
    tell(book, offer, order(on(2024, 1, 5), "O2", yuan(100)));
    auto const lent = credit_course_of(book, "C1", on(2024, 1, 31)).value();
    CHECK(lent.orders == 2);
    CHECK(lent.refused == 100'00);  // beside what is offered to others it is too much
}

TEST_CASE("each order is told what the live book would have said to it", "[engine][credit_course][properties]") {
    auto const reviews = GENERATE(review_mode::monthly, review_mode::by_fact);
    int orders = 0;
    int refused = 0;
    int only_by_groups = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed, reviews == review_mode::by_fact);
        trade_on_credit const trade{seed, reviews == review_mode::by_fact};
        engine_options how;
        how.reviews = reviews;
        live_checks live{trade, std::move(how)};
        auto const each = credit_courses_by_customer(live.book, on(2030, 12, 31)).value();
        REQUIRE(each.size() == trade_on_credit::codes.size());
        for (auto const& one : each) {
            CAPTURE(one.customer);
            auto const& said = live.courses[one.customer];
            REQUIRE(one.course.orders == said.orders);
            REQUIRE(one.course.ordered == said.ordered);
            REQUIRE(one.course.orders_refused == said.orders_refused);
            REQUIRE(one.course.refused == said.refused);
            REQUIRE(course_of(live.book, one.customer) == one.course);
            orders += static_cast<int>(said.orders);
            refused += static_cast<int>(said.orders_refused);
        }
        only_by_groups += live.only_by_groups;
    }
    CHECK(orders > 1'000);
    CHECK(refused > orders / 10);
    CHECK(refused < orders * 9 / 10);
    CHECK(only_by_groups > orders / 50);
}

TEST_CASE("an order is held where the limit of its group was used up by then", "[engine][credit_course]") {
    auto book = under({});
    tell(book, enrolled(on(2024, 1, 1), "G"), limit(on(2024, 1, 1), yuan(1'000), "G"),
         member(on(2024, 1, 1), "C1", "G"), member(on(2024, 1, 1), "C2", "G"), limit(on(2024, 1, 1), yuan(5'000)),
         limit(on(2024, 1, 1), yuan(5'000), "C2"), order(on(2024, 1, 2), "O1", yuan(700), "C2"),
         order(on(2024, 1, 3), "O2", yuan(400)), about_order<order_cancelled>(on(2024, 1, 4), "O2"),
         order(on(2024, 1, 5), "O3", yuan(300)));
    CHECK(course_of(book).orders == 2);
    CHECK(course_of(book).refused == 400'00);
    CHECK(course_of(book, "C2").orders_refused == 0);

    SECTION("of one day the customer with the lower code comes first") {
        tell(book, about_order<order_cancelled>(on(2024, 1, 6), "O3"), order(on(2024, 2, 1), "O4", yuan(200), "C2"),
             order(on(2024, 2, 1), "O5", yuan(200)));
        CHECK(course_of(book).orders_refused == 1);
        CHECK(course_of(book, "C2").refused == 200'00);
    }
    SECTION("who has left the group shares nothing with it from then on") {
        tell(book, member(on(2024, 2, 1), "C1", ""), order(on(2024, 2, 2), "O4", yuan(900)));
        CHECK(course_of(book).orders_refused == 1);
        tell(book, order(on(2024, 2, 3), "O5", yuan(300), "C2"));
        CHECK(course_of(book, "C2").orders_refused == 0);
    }
    SECTION("a fact that was mended counts as it is known now") {
        tell(book, named("limit", limit(on(2024, 1, 4), yuan(1'000), "G")),
             correction(on(2024, 1, 31), "limit", "amount", "900.00 CNY"));
        CHECK(course_of(book).orders_refused == 2);
    }
}

TEST_CASE("an order in groups that lead back to it is one that no check lets pass", "[engine][credit_course]") {
    auto book = under({});
    tell(book, member(on(2024, 1, 1), "C1", "C2"), member(on(2024, 1, 1), "C2", "C1"),
         limit(on(2024, 1, 1), yuan(5'000)), order(on(2024, 1, 2), "O1", yuan(700)));
    CHECK(course_of(book).orders_refused == 1);
}

TEST_CASE("reservations, overrides and holds count in a course as in the live check", "[engine][credit_course]") {
    auto book = under({});
    tell(book, enrolled(on(2024, 1, 1)), limit(on(2024, 1, 1), yuan(1'000)));
    SECTION("what is reserved for others is not free, and an order's own is") {
        tell(book, reserved(on(2024, 1, 2), "O1", yuan(800), on(2024, 1, 10)),
             order(on(2024, 1, 3), "O2", yuan(300)));  // beyond
        CHECK(course_of(book).refused == 300'00);
        tell(book, about_order<order_cancelled>(on(2024, 1, 4), "O2"), order(on(2024, 1, 5), "O1", yuan(1'000)));
        CHECK(course_of(book).orders_refused == 1);
    }
    SECTION("what has run out is free again") {
        tell(book, reserved(on(2024, 1, 2), "O1", yuan(800), on(2024, 1, 10)),
             order(on(2024, 1, 11), "O2", yuan(1'000)));
        CHECK(course_of(book).orders_refused == 0);
    }
    SECTION("an override lets so much pass, once, until its day") {
        tell(book, override_for(on(2024, 1, 2), yuan(1'500), on(2024, 1, 10)),
             order(on(2024, 1, 3), "O1", yuan(1'500)));
        CHECK(course_of(book).orders_refused == 0);
        tell(book, order(on(2024, 1, 4), "O2", yuan(100)));
        CHECK(course_of(book).refused == 100'00);
    }
    SECTION("what a person holds waits until a person lets it go") {
        auto held = fact_at<order_held>(on(2024, 1, 2));
        held.order = "O1";
        held.amount = yuan(100);
        held.by = "li.na";
        held.reason = "asked to";
        tell(book, held);
        SECTION("placed all the same") {
            tell(book, order(on(2024, 1, 3), "O1", yuan(100)));
            CHECK(course_of(book).orders_refused == 1);
        }
        SECTION("let go") {
            tell(book, override_for(on(2024, 1, 3), yuan(100), on(2024, 1, 10), "O1"),
                 order(on(2024, 1, 4), "O1", yuan(100)));
            CHECK(course_of(book).orders_refused == 0);
        }
    }
}

TEST_CASE("an order is judged by the reviews that the house has held, and by no others", "[engine][credit_course]") {
    auto const refused = [](bool is_reviewed) {
        engine_options how;
        how.reviews = review_mode::by_fact;
        engine book{std::move(how)};
        tell(book, enrolled(on(2022, 1, 1)), limit(on(2022, 1, 1), yuan(1'000)), order(on(2022, 1, 2), "O1", yuan(100)),
             about_order<order_cancelled>(on(2022, 1, 3), "O1"));
        for (unsigned month = 1; is_reviewed && month <= 24; ++month) {
            auto const of = in_month(2022 + static_cast<int>(month - 1) / 12, 1 + (month - 1) % 12);
            tell(book, review(of.last(), of));
        }
        tell(book, order(on(2024, 1, 2), "O2", yuan(100)));
        return course_of(book).orders_refused;
    };
    CHECK(refused(true) == 1);  // silent for so long that it has ended
    CHECK(refused(false) == 0);
}
