#include <patron/store/stored_book.hpp>  // first: the header stands on its own

#include <patron/store/memory.hpp>
#include <patron/testing/simulation.hpp>

#include "engine/stories.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <random>
#include <thread>

using namespace patron;
using namespace patron::tests;
using store::book_options;
using store::stored_book;

namespace {

/// Everything that can be asked of a book.
std::string told_by(engine const& book) {
    auto all = rows_of(book);
    book.each_by_code([&](customer_row const& row) {
        all += to_json(book.explain(row.profile.code).value()) + '\n';
        for (auto const& stay : book.history(row.profile.code).value().stays) {
            all += std::string{name_of(stay.stage)} + std::to_string(stay.entered) + ' ';
        }
        return true;
    });
    return all;
}

std::vector<received> simulated(std::uint32_t customers, int months, std::uint64_t seed, bool reviews = false) {
    testing::simulation all{{.customers = customers, .months = months, .seed = seed, .reviews = reviews}};
    std::vector<received> rows;
    while (auto f = all.next()) rows.push_back({0, std::move(*f)});
    return rows;
}

/// Names replaced as the store replaces them would differ from a book that knows the names: so none are told.
std::vector<received> without_persons(std::vector<received> rows) {
    std::erase_if(rows, [](received const& r) {
        auto const kind = kind_of(r.content.value());
        return kind == fact_kind::contact_added || kind == fact_kind::contact_left || kind == fact_kind::visit_made ||
               kind == fact_kind::gift_registered;
    });
    return rows;
}

stored_book open(any_event_store place, book_options options = {}) {
    auto opened = stored_book::open(std::move(place), std::move(options));
    INFO((opened ? "" : opened.error().message()));
    REQUIRE(opened.has_value());
    return std::move(opened.value());
}

/// A store that refuses on demand, with nothing done.
struct failing_store : store::memory_store {
    std::shared_ptr<std::atomic<int>> appends_left = std::make_shared<std::atomic<int>>(1 << 30);

    result<append_outcome> append(append_batch const& batch) {
        return append_with([&]() -> result<append_batch> { return batch; });
    }
    result<append_outcome> append_with(append_decider const& decide) {
        if (appends_left->fetch_sub(1) > 0) return memory_store::append_with(decide);
        // the decider is asked, as by a store whose disk fails at the commit
        auto const never = memory_store::append_with([&]() -> result<append_batch> {
            auto const decided = decide();
            if (!decided) return decided.error();
            return error{.code = errc::io_failure, .remedy = "no disk"};
        });
        return never.error();
    }
};

}  // namespace

TEST_CASE("a book that is kept is the book that was told, however it is cut, closed and opened again",
          "[store][stored_book][properties]") {
    for (std::uint64_t const seed : {1U, 2U, 3U}) {
        for (bool const reviews : {false, true}) {
            CAPTURE(seed, reviews);
            auto const rows = without_persons(simulated(40, 18, seed, reviews));
            auto const mode = reviews ? review_mode::by_fact : review_mode::monthly;
            engine live{{.reviews = mode}};
            store::memory_store const place;
            std::mt19937_64 random{seed};
            auto book = open(place, {.reviews = mode});
            for (std::size_t from = 0; from < rows.size();) {
                auto const to = std::min(rows.size(), from + 1 + random() % 700);
                std::vector<received> some(rows.begin() + static_cast<std::ptrdiff_t>(from),
                                           rows.begin() + static_cast<std::ptrdiff_t>(to));
                auto again = some;
                CHECK(live.apply(some).rejected.empty());
                auto const applied = book.apply(again, {.threads = 1 + static_cast<unsigned>(random() % 3)});
                REQUIRE(applied.has_value());
                CHECK(applied.value().applied == some.size());
                if (random() % 2 == 0) REQUIRE(book.save_snapshot().has_value());
                if (random() % 2 == 0) {
                    book = open(place, {.threads = 1 + static_cast<unsigned>(random() % 3)});
                    CHECK_FALSE(book.opened().snapshot_refused.has_value());
                }
                from = to;
            }
            CHECK(rows_of(book.book()) == rows_of(live));
            auto const from_facts = open(place, {.use_snapshot = false, .threads = 2});
            CHECK(from_facts.opened().from_snapshot == 0);
            CHECK(told_by(from_facts.book()) == told_by(live));
            REQUIRE(book.save_snapshot().has_value());
            auto const from_snapshot = open(place, {.threads = 2});
            CHECK(from_snapshot.opened().from_facts == 0);
            CHECK(told_by(from_snapshot.book()) == told_by(live));
            auto const end = *live.latest_day();
            (void)live.advance_to(end);
            auto shown = open(place);
            (void)shown.show_on(end);
            CHECK(told_by(shown.book()) == told_by(live));
        }
    }
}

TEST_CASE("how a customer pays is kept: by invoice or from the oldest on, with what was disputed left out",
          "[store][stored_book]") {
    using namespace std::chrono_literals;
    using namespace patron::literals;
    std::vector<received> rows;
    auto const add = [&](auto f, std::string ref) {
        f.ref = std::move(ref);
        rows.push_back({0, fact{std::move(f)}});
    };
    auto const start = day{2023y / 1 / 1};
    auto const on = [&](int days) { return start + std::chrono::days{days}; };
    add(enrolled(start), "E");
    for (int n = 0; n < 24; ++n) {
        auto const number = std::to_string(n);
        auto const issued = 30 * n;
        auto const taken = n < 14 ? 27 + n % 5 : 42 + n % 3;
        add(order(on(issued), "O" + number, 100.00_CNY), "O" + number);
        add(invoice(on(issued), "I" + number, 100.00_CNY, on(issued + 30), "O" + number), "I" + number);
        if (n == 9) {  // disputed, and paid very late
            auto disputed = fact_at<invoice_disputed>(on(issued + 3));
            disputed.invoice = "I9";
            add(disputed, "D9");
            auto settled = fact_at<dispute_settled>(on(issued + 140));
            settled.invoice = "I9";
            add(settled, "S9");
            add(payment(on(issued + 141), 100.00_CNY, "I9"), "P9");
        } else if (n % 2 == 0) {
            add(payment(on(issued + taken), 100.00_CNY, "I" + number), "P" + number);
        } else {
            add(payment(on(issued + taken - 1), 99.50_CNY, "I" + number), "P" + number);
            add(payment(on(issued + taken), 0.50_CNY), "Q" + number);  // a rest
        }
    }
    std::stable_sort(rows.begin(), rows.end(), [](received const& l, received const& r) {
        return head_of(l.content.value()).at.on() < head_of(r.content.value()).at.on();
    });
    auto const slowing = [](engine const& book) {
        std::vector<std::int32_t> out;
        book.each_by_code([&](customer_row const& row) {
            for (auto const& e : row.evidence) {
                if (e.kind == "slowing_payment") out.push_back(e.weight);
            }
            return true;
        });
        return out;
    };
    store::memory_store const place;
    auto book = open(place);
    auto early = std::vector<received>(rows.begin(), rows.begin() + 40);
    auto late = std::vector<received>(rows.begin() + 40, rows.end());
    CHECK(book.apply(early).value().rejected.empty());
    CHECK(slowing(book.book()).empty());
    REQUIRE(book.save_snapshot().has_value());
    book = open(place);
    CHECK(book.opened().from_facts == 0);
    CHECK(book.apply(late).value().rejected.empty());
    (void)book.show_on(on(780));
    CHECK(slowing(book.book()) == std::vector<std::int32_t>{500 * (180 - 47) / 180});  // paid 47 days ago
    auto again = open(place, {.use_snapshot = false});
    (void)again.show_on(on(780));
    CHECK(told_by(again.book()) == told_by(book.book()));
    CHECK(told_by(again.book()).find("payment of late takes") != std::string::npos);
}

TEST_CASE("a fact that comes again has no second effect, whether memory or only the store knows the first",
          "[store][stored_book]") {
    auto const rows = without_persons(simulated(30, 12, 7));
    store::memory_store const place;
    auto some = rows;
    auto book = open(place);
    REQUIRE(book.apply(some).has_value());
    auto const before = rows_of(book.book());
    REQUIRE(book.save_snapshot().has_value());
    for (bool const snapshot : {true, false}) {
        auto again = open(place, {.use_snapshot = snapshot});
        for (int turn = 0; turn < 3; ++turn) {  // more often than memory is worth looking up in the store
            auto same = rows;
            auto const outcome = again.apply(same, {.threads = 2});
            REQUIRE(outcome.has_value());
            CHECK(outcome.value().duplicate == rows.size());
            CHECK(outcome.value().applied == 0);
        }
        CHECK(rows_of(again.book()) == before);
        auto other = std::get<order_placed>(std::find_if(rows.begin(), rows.end(), [](received const& r) {
                                                return kind_of(r.content.value()) == fact_kind::order_placed;
                                            })->content.value());
        other.amount = money{1, other.amount.in()};
        auto const refused = again.apply(fact{other});
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::conflicting_reference);
    }
    CHECK(open(place).apply(fact{order(on(2024, 1, 1), "no reference", yuan(1))}).error().field == "ref");
}

TEST_CASE("ledgers, corrections and explanations reach back to what only the store holds", "[store][stored_book]") {
    store::memory_store const place;
    auto told = [](auto f, char const* ref) {
        f.ref = ref;
        return fact{f};
    };
    engine live;
    auto const both = [&](stored_book& book, fact const& f) {
        auto const here = book.apply(f);
        auto const there = live.apply(f);
        INFO((here ? "" : here.error().message()));
        CHECK(here.has_value() == there.has_value());
        if (!here && !there) CHECK(here.error() == there.error());
    };
    {
        auto book = open(place);
        both(book, told(enrolled(on(2024, 1, 1)), "e"));
        for (int i = 1; i <= 30; ++i) {
            both(book,
                 told(order(on(2024, 1, 5), "O" + std::to_string(i), yuan(10 * i)), ("o" + std::to_string(i)).c_str()));
        }
        REQUIRE(book.save_snapshot().has_value());
    }
    auto book = open(place);
    CHECK(book.opened().from_facts == 0);
    both(book, told(order(on(2024, 1, 6), "O7", yuan(1)), "o7 again"));  // refused: the number was used
    both(book, told(about_order<goods_delivered>(on(2024, 1, 9), "O30"), "d30"));
    both(book, told(invoice(on(2024, 1, 10), "I30", yuan(300), on(2024, 2, 1), "O30"), "i30"));
    corrected mend;
    mend.ref = "c5";
    mend.at = on(2024, 1, 11);
    mend.of = "o5";
    mend.changes = {{"amount", "77.00 CNY"}};
    both(book, fact{mend});
    mend.ref = "c-none";
    mend.of = "o99";
    both(book, fact{mend});
    CHECK(told_by(book.book()) == told_by(live));
    CHECK(book.book().recount_exposure("C1").value() == live.state_of("C1").value().exposure);
    CHECK(told_by(open(place, {.use_snapshot = false}).book()) == told_by(live));
    CHECK(told_by(open(place).book()) == told_by(live));
}

TEST_CASE("what is taken in behind a snapshot is not taken for what was there before", "[store][stored_book]") {
    for (std::uint64_t const seed : {4U, 5U, 6U}) {
        auto const rows = without_persons(simulated(40, 14, seed));
        store::memory_store const place;
        auto book = open(place);
        auto const early = rows.size() / 3;
        std::vector<received> first(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(early));
        std::vector<received> rest(rows.begin() + static_cast<std::ptrdiff_t>(early), rows.end());
        REQUIRE(book.apply(first).value().rejected.empty());
        REQUIRE(book.save_snapshot().has_value());
        // from a book without the snapshot, so that its ledgers were complete all along
        REQUIRE(open(place, {.use_snapshot = false}).apply(rest).value().rejected.empty());
        auto const with_snapshot = open(place);
        CHECK(with_snapshot.opened().from_snapshot > 0);
        CHECK(with_snapshot.opened().from_facts > rest.size());
        CHECK(told_by(with_snapshot.book()) == told_by(open(place, {.use_snapshot = false}).book()));
    }
}

TEST_CASE("explaining one customer from the store says what the whole book says, on any day", "[store][explain]") {
    for (bool const reviews : {false, true}) {
        auto rows = simulated(25, 15, 11, reviews);
        store::memory_store const place;
        auto book = open(place, {.reviews = reviews ? review_mode::by_fact : review_mode::monthly});
        REQUIRE(book.apply(rows).value().rejected.empty());
        any_event_store from{place};
        auto const end = *book.book().latest_day();
        std::vector<std::string> codes;
        book.each_by_code([&](customer_row const& row) {
            codes.emplace_back(row.profile.code);
            return true;
        });
        for (auto const& code : codes) {
            for (int back : {0, 40, 200, 400}) {
                CAPTURE(code, back);
                auto const day_then = end - std::chrono::days{back};
                auto const whole = book.explain(code, day_then);
                auto const one = store::explain_from(from, code, day_then);
                REQUIRE(whole.has_value());
                REQUIRE(one.has_value());
                CHECK(to_json(one.value()) == to_json(whole.value()));
            }
        }
        CHECK(store::explain_from(from, codes.front()).value().on == end);
        CHECK(store::explain_from(from, "nobody").error().code == errc::unknown_customer);
    }
}

TEST_CASE("an explanation of an earlier day shows the customer as it was known then", "[store][explain]") {
    store::memory_store const place;
    auto book = open(place);
    auto first = enrolled(on(2024, 1, 1));
    first.ref = "e1";
    first.owner = "li.wei";
    auto second = first;
    second.ref = "e2";
    second.at = on(2024, 3, 1);
    second.name = "A New Name";
    second.owner = "wang.fang";
    REQUIRE(book.apply(fact{first}).has_value());
    REQUIRE(book.apply(fact{second}).has_value());
    CHECK(book.explain("C1", on(2024, 2, 1)).value().name == "Name of C1");
    CHECK(book.explain("C1", on(2024, 2, 1)).value().row.profile.owner == "li.wei");
    CHECK(book.explain("C1", on(2024, 3, 1)).value().name == "A New Name");
    CHECK(book.explain("C1", on(2024, 3, 1)).value().row.profile.owner == "wang.fang");
}

TEST_CASE("two books over one store take in what the other has appended, and agree", "[store][stored_book]") {
    auto const rows = simulated(30, 12, 5);
    store::memory_store const place;
    auto one = open(place);
    auto other = open(place);
    std::mt19937 random{3};
    for (std::size_t from = 0; from < rows.size();) {
        auto const to = std::min(rows.size(), from + 1 + random() % 90);
        std::vector<received> some(rows.begin() + static_cast<std::ptrdiff_t>(from),
                                   rows.begin() + static_cast<std::ptrdiff_t>(to));
        auto const applied = (random() % 2 == 0 ? one : other).apply(some);
        REQUIRE(applied.has_value());
        CHECK(applied.value().rejected.empty());
        from = to;
    }
    auto last = order(*one.book().latest_day(), "last", yuan(1));
    last.ref = "last";
    REQUIRE(one.apply(fact{last}).has_value());
    REQUIRE(other.apply(fact{last}).value().fate == fate::duplicate);
    CHECK(rows_of(one.book()) == rows_of(other.book()));
    CHECK(rows_of(open(place).book()) == rows_of(one.book()));
}

TEST_CASE("a book takes in what another decided under a rulebook that it did not know", "[store][stored_book]") {
    auto const rows = simulated(30, 12, 15);
    store::memory_store const place;
    auto one = open(place);
    auto const half = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
    std::vector<received> first(rows.begin(), half);
    std::vector<received> rest(half, rows.end() - 1);
    REQUIRE(one.apply(first).value().rejected.empty());
    lifecycle::lifecycle_rules house;
    house.version = "house-2";
    house.promotion.consecutive_reviews = 1;
    REQUIRE(open(place, {.rules = house}).apply(rest).value().rejected.empty());
    REQUIRE(one.apply(rows.back().content.value()).value().fate == fate::applied);
    CHECK(rows_of(one.book()) == rows_of(open(place).book()));
}

TEST_CASE("when the store fails nothing of the call has happened, and the next goes on from what it holds",
          "[store][stored_book][faults]") {
    auto const rows = simulated(20, 10, 9);
    failing_store place;
    auto book = open(place);
    auto healthy = open(store::memory_store{});
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::vector<received> one{rows[i]};
        auto const& f = rows[i].content.value();
        if (i % 5 == 0) {
            *place.appends_left = 0;
            if (i % 2 == 0) {
                auto const failed = book.apply(f);
                REQUIRE(failed.has_error());
                CHECK(failed.error().code == errc::io_failure);
            } else {
                auto same = one;
                CHECK(book.apply(same).error().code == errc::io_failure);
                CHECK(book.review(*book.book().latest_day()).error().code == errc::io_failure);
            }
            *place.appends_left = 1 << 30;
        }
        REQUIRE(book.apply(f).value().fate == fate::applied);
        REQUIRE(healthy.apply(f).value().fate == fate::applied);
    }
    CHECK(rows_of(book.book()) == rows_of(healthy.book()));
    CHECK(book.store().verify().value().faults.empty());
    CHECK(rows_of(open(place).book()) == rows_of(healthy.book()));
}

TEST_CASE("what the store refused is not shown", "[store][stored_book][faults]") {
    failing_store place;
    auto book = open(place);
    REQUIRE(book.apply(fact{named("o1", order(on(2024, 5, 1), "O1", yuan(5)))}).has_value());
    *place.appends_left = 0;
    REQUIRE(book.apply(fact{named("o2", order(on(2024, 5, 2), "O2", yuan(5)))}).has_error());
    *place.appends_left = 1 << 30;
    CHECK(book.find("C1").value().state.orders == 1);
    REQUIRE(book.each_by_code([](customer_row const& row) {
        CHECK(row.state.orders == 1);
        return true;
    }));
    CHECK(book.explain("C1").value().facts.size() == 1);
}

TEST_CASE("how reviews are held and by which rulebook is noted with the first fact that is kept",
          "[store][stored_book]") {
    store::memory_store const place;
    {
        auto book = open(place, {.reviews = review_mode::by_fact});
        goods_delivered unknown;
        unknown.ref = "d1";
        unknown.at = on(2024, 5, 1);
        unknown.customer = "C1";
        unknown.order = "O9";
        REQUIRE(book.apply(fact{unknown}).has_error());  // nothing is appended by it
        REQUIRE(book.apply(fact{named("o1", order(on(2024, 5, 1), "O1", yuan(5)))}).has_value());
    }
    CHECK(stored_book::open(any_event_store{place}, {.reviews = review_mode::monthly}).error().code ==
          errc::impossible_now);
    {
        lifecycle::lifecycle_rules other;
        other.version = "other-1";
        auto book = open(place, {.rules = other});
        REQUIRE(book.apply(fact{named("o1", order(on(2024, 5, 1), "O1", yuan(5)))}).value().fate == fate::duplicate);
        REQUIRE(book.apply(fact{named("o2", order(on(2024, 5, 2), "O2", yuan(5)))}).has_value());
    }
    CHECK(open(place).book().options().rules.version == "other-1");
}

TEST_CASE("a rulebook given at an opening is in force from then on, also when no fact comes", "[store][stored_book]") {
    store::memory_store const place;
    auto const other = [](std::string version) {
        house_rules rules;
        rules.version = std::move(version);
        return rules;
    };
    auto const in_force = [&] {
        any_event_store from{place};
        return store::rules_in_force(from).value().version;
    };
    { auto const empty = open(place, {.rules = other("of nothing")}); }
    CHECK(in_force() == "of nothing");
    auto first = open(place, {.rules = other("first")});
    REQUIRE(first.apply(fact{named("o1", order(on(2024, 5, 1), "O1", yuan(5)))}).has_value());
    CHECK(in_force() == "first");
    { auto const looked_at = open(place, {.rules = other("candidate"), .read_only = true}); }
    CHECK(in_force() == "first");
    { auto const changed = open(place, {.rules = other("second")}); }
    CHECK(in_force() == "second");
    // who opened the book before goes on under its rules, and does not bring them back
    REQUIRE(first.apply(fact{named("o2", order(on(2024, 5, 2), "O2", yuan(5)))}).has_value());
    CHECK(in_force() == "second");
    CHECK(open(place).book().options().rules.version == "second");

    // nor does it when it takes in what another has decided under them, whatever makes it read the store again
    auto of_third = open(place, {.rules = other("third")});
    auto third = other("third");
    third.from = on(2024, 6, 1);
    { auto const scheduled = open(place, {.rules = third}); }
    REQUIRE(of_third.apply(fact{named("o3", order(on(2024, 5, 3), "O3", yuan(5)))}).has_value());
    for (int n = 0; n < 3; ++n) {
        auto const number = "o1" + std::to_string(n);
        REQUIRE(first.apply(fact{named(number, order(on(2024, 5, 4), number, yuan(5)))}).has_value());
        (void)first.show_on(on(2024, 5, 5 + static_cast<unsigned>(n)));
        any_event_store from{place};
        auto const now = store::rules_in_force(from).value();
        CHECK(now.version == "third");
        CHECK(now.from == on(2024, 6, 1));
    }
    CHECK(first.book().options().rules.version == "first");
    any_event_store from{place};
    CHECK(store::audit(from).value().different.empty());
}

TEST_CASE("a rulebook that no store would have written is refused, however deep it is", "[store][stored_book]") {
    auto const refusal = [](std::string const& text) {
        any_event_store from{store::memory_store{}};
        REQUIRE(from.add_rulebook("x", text).has_value());
        auto const rules = store::rules_in_force(from);
        REQUIRE(rules.has_error());
        CHECK_FALSE(rules.error().remedy.empty());
        return rules.error().code;
    };
    std::string deep;
    for (int n = 0; n < 3'000; ++n) deep += "in force from 2025-01-01, after 0 bytes:\n";
    CHECK(refusal(deep) == errc::damaged);
    CHECK(refusal("in force from 2025-01-01, before") == errc::damaged);
    CHECK(refusal("in force from 2025-01") == errc::damaged);
    CHECK(refusal("in force from 2025-01-01, after 99999 bytes:\n") == errc::damaged);
    CHECK(refusal("in force from 2025-01-01, after -1 bytes:\n") == errc::damaged);
}

TEST_CASE("a book that was opened for reading saves no snapshot", "[store][stored_book]") {
    store::memory_store const place;
    auto book = open(place, {.as_of = on(2024, 5, 10)});
    REQUIRE(book.apply(fact{named("o1", order(on(2024, 5, 1), "O1", yuan(5)))}).has_value());
    REQUIRE(book.apply(fact{named("o2", order(on(2024, 5, 20), "O2", yuan(5)))}).value().fate == fate::kept);
    auto shown = open(place, {.read_only = true});  // where the order of the 20th is in effect
    CHECK(shown.save_snapshot().error().code == errc::not_supported);
    CHECK(open(place, {.as_of = on(2024, 5, 10)}).find("C1").value().state.orders == 1);
}

TEST_CASE("on several threads a book takes in what another appended to customers that its snapshot holds",
          "[store][stored_book][threads]") {
    store::memory_store const place;
    std::vector<received> orders;
    std::vector<received> deliveries;
    for (int i = 0; i < 400; ++i) {
        auto const number = std::to_string(i);
        orders.push_back({0, fact{named("o" + number, order(on(2024, 5, 1), "O" + number, yuan(5), "C" + number))}});
        goods_delivered d;
        d.ref = "d" + number;
        d.at = on(2024, 5, 2);
        d.customer = "C" + number;
        d.order = "O" + number;
        deliveries.push_back({0, fact{d}});
    }
    {
        auto first = open(place);
        REQUIRE(first.apply(orders).value().applied == 400);
        REQUIRE(first.save_snapshot());
    }
    auto book = open(place, {.threads = 2});
    REQUIRE(book.opened().from_snapshot > 0);
    REQUIRE(open(place).apply(deliveries).value().applied == 400);
    REQUIRE(book.apply(fact{named("p", order(on(2024, 5, 3), "P", yuan(5), "C1"))}).has_value());
    CHECK(rows_of(book.book()) == rows_of(open(place, {.use_snapshot = false}).book()));
}

TEST_CASE("facts of several threads are each applied once, and share appends", "[store][stored_book][threads]") {
    store::memory_store const place;
    auto book = open(place);
    constexpr int thread_count = 8;
    constexpr int each_applies = 60;
    std::atomic<int> applied = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < thread_count; ++t) {
        threads.emplace_back([&, t] {
            for (int n = 0; n < each_applies; ++n) {
                auto f = order(on(2024, 5, 1), "T" + std::to_string(t) + "-" + std::to_string(n), yuan(1),
                               "C" + std::to_string(n % 7));
                f.ref = f.order;
                if (book.apply(fact{f})) ++applied;
                if (n % 10 == 0) (void)book.find("C1");
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(applied == thread_count * each_applies);
    std::uint32_t orders = 0;
    book.each_by_code([&](customer_row const& row) {
        orders += row.state.orders;
        return true;
    });
    CHECK(orders == thread_count * each_applies);
    CHECK(rows_of(open(place).book()) == rows_of(book.book()));
}

TEST_CASE("a fact that is later than the day waits in the store, and comes into effect on its day",
          "[store][stored_book]") {
    store::memory_store const place;
    auto named = [](auto f, std::string ref) {
        f.ref = std::move(ref);
        return fact{f};
    };
    {
        auto book = open(place, {.as_of = on(2024, 6, 30)});
        REQUIRE(book.apply(named(order(on(2024, 6, 10), "O1", yuan(10)), "o1")).value().fate == fate::applied);
        // told in another order than that of their days
        REQUIRE(book.apply(named(order(on(2024, 8, 5), "O3", yuan(30)), "o3")).value().fate == fate::kept);
        REQUIRE(book.apply(named(order(on(2024, 7, 5), "O2", yuan(20)), "o2")).value().fate == fate::kept);
        REQUIRE(book.apply(named(order(on(2024, 8, 6), "O1", yuan(5)), "bad")).value().fate == fate::kept);
        CHECK(book.book().state_of("C1").value().orders == 1);
        CHECK(book.apply(named(order(on(2024, 7, 5), "O2", yuan(20)), "o2")).value().fate == fate::duplicate);
        REQUIRE(book.save_snapshot().has_value());
    }
    {
        auto book = open(place, {.as_of = on(2024, 7, 31)});
        CHECK(book.opened().came_into_effect.applied == 1);
        CHECK(book.book().state_of("C1").value().orders == 2);
        // today's fact is not late because of one that waits
        REQUIRE(book.apply(named(order(on(2024, 7, 20), "O4", yuan(1)), "o4")).value().fate == fate::applied);
        CHECK(book.apply(named(order(on(2024, 7, 5), "O2", yuan(20)), "o2")).value().fate == fate::duplicate);
    }
    for (bool const snapshot : {true, false}) {
        auto book = open(place, {.read_only = true, .use_snapshot = snapshot});  // for every day
        CHECK(book.book().state_of("C1").value().orders == 4);
    }
    auto book = open(place);
    CHECK(book.opened().came_into_effect.applied == 1);
    REQUIRE(book.opened().came_into_effect.rejected.size() == 1);
    CHECK(book.opened().came_into_effect.rejected[0].field == "order");
    CHECK(book.apply(named(order(on(2024, 8, 6), "O1", yuan(5)), "bad")).value().fate == fate::duplicate);
    CHECK(open(place).opened().came_into_effect.read == 0);  // once
    CHECK(rows_of(open(place, {.use_snapshot = false}).book()) == rows_of(book.book()));
    auto then = book.as_it_was(on(2024, 7, 10));
    REQUIRE(then.has_value());
    CHECK(then.value().state_of("C1").value().orders == 2);
}

TEST_CASE("a book as it was on an earlier day is the book that was told until then", "[store][stored_book]") {
    auto const rows = without_persons(simulated(25, 14, 21));
    store::memory_store const place;
    auto book = open(place);
    auto all = rows;
    REQUIRE(book.apply(all).has_value());
    REQUIRE(book.review(*book.book().latest_day()).has_value());
    auto const end = *book.book().latest_day();
    for (int const back : {1, 30, 100, 250}) {
        CAPTURE(back);
        auto const then = end - std::chrono::days{back};
        engine live{{.as_of = then}};
        auto same = rows;
        (void)live.apply(same);
        (void)live.advance_to(then);
        auto was = book.as_it_was(then, 2);
        REQUIRE(was.has_value());
        (void)was.value().advance_to(then);
        CHECK(rows_of(was.value()) == rows_of(live));
    }
}

TEST_CASE("reviews that are held stay held: facts of those months are late, and reopening knows it",
          "[store][stored_book]") {
    store::memory_store const place;
    auto book = open(place);
    auto first = order(on(2024, 1, 10), "O1", yuan(10));
    first.ref = "o1";
    REQUIRE(book.apply(fact{first}).has_value());
    REQUIRE(book.review(on(2024, 3, 31)).has_value());
    auto late = order(on(2024, 3, 5), "O2", yuan(10), "C2");  // of a customer that is not known yet
    late.ref = "o2";
    CHECK(book.apply(fact{late}).error().code == errc::closed_period);
    CHECK(open(place).apply(fact{late}).error().code == errc::closed_period);
    REQUIRE(book.save_snapshot().has_value());
    CHECK(open(place).apply(fact{late}).error().code == errc::closed_period);
    late.at = on(2024, 4, 1);
    CHECK(open(place).apply(fact{late}).has_value());
    CHECK(stored_book::open(place, {.reviews = review_mode::by_fact}).error().field == "reviews");
}

TEST_CASE("slots that are reviewed one by one give the book that is reviewed at once", "[store][worker]") {
    auto const rows = simulated(60, 12, 13);
    store::memory_store const whole_place;
    store::memory_store const by_slots;
    for (auto const& place : {whole_place, by_slots}) {
        auto same = rows;
        REQUIRE(open(place).apply(same).value().rejected.empty());
    }
    auto whole = open(whole_place);
    auto const until = *whole.book().latest_day() + std::chrono::days{100};
    REQUIRE(whole.review(until).has_value());
    any_event_store place{by_slots};
    std::uint32_t customers = 0;
    auto reviewer = store::slot_reviewer::make(place);
    REQUIRE(reviewer.has_value());
    for (std::uint16_t s = 0; s < customer_slots; ++s) {
        auto const done = reviewer.value().review(s, until);
        REQUIRE(done.has_value());
        customers += done.value().customers;
        CHECK_FALSE(reviewer.value().review(s, until).value().was_due);
    }
    CHECK(customers == whole.book().size());
    CHECK(rows_of(open(by_slots).book()) == rows_of(whole.book()));
    CHECK(store::audit(place).value().different.empty());
    CHECK(place.decisions(1, 1'000'000).value().size() == whole.store().decisions(1, 1'000'000).value().size());
    CHECK(reviewer.value().review(book_slot, until).error().code == errc::out_of_range);
    auto late = order(until, "late", yuan(1), "A new one");
    late.ref = "late";
    late.at = period{until}.first() - std::chrono::days{1};
    CHECK(open(by_slots).apply(fact{late}).error().code == errc::closed_period);
}

TEST_CASE("every decision is kept, and comes out the same when it is made again under the rules of its day",
          "[store][audit]") {
    auto const rows = simulated(40, 24, 33);
    store::memory_store const place;
    lifecycle::lifecycle_rules house;
    house.version = "house-2";
    house.promotion.promote_share = basis_points{6'500};
    house.promotion.consecutive_reviews = 1;
    auto const third = rows.size() / 3;
    for (std::size_t part = 0; part < 3; ++part) {
        book_options how;
        if (part == 1) how.rules = house;
        if (part == 2) how.rules = lifecycle::lifecycle_rules{};  // back to the first
        auto book = open(place, how);
        std::vector<received> some(
            rows.begin() + static_cast<std::ptrdiff_t>(part * third),
            part == 2 ? rows.end() : rows.begin() + static_cast<std::ptrdiff_t>((part + 1) * third));
        REQUIRE(book.apply(some).value().rejected.empty());
        if (part > 0) REQUIRE(book.review(*book.book().latest_day()).has_value());
        REQUIRE(book.save_snapshot().has_value());
        CHECK(told_by(open(place, {.use_snapshot = false}).book()) == told_by(open(place).book()));
    }
    any_event_store from{place};
    CHECK(from.rulebooks().value().size() == 2);
    auto const kept = from.decisions(1, 1'000'000).value();
    CHECK(kept.size() > 100);
    auto const whole = store::audit(from);
    REQUIRE(whole.has_value());
    CHECK(whole.value().decisions == kept.size());
    CHECK(whole.value().different.empty());
    std::size_t under_house = 0;
    for (auto const& d : kept) under_house += d.json.find("\"rulebook\":\"house-2\"") != std::string::npos ? 1 : 0;
    CHECK(under_house > 10);
    auto const one = store::audit(from, kept.front().customer);
    REQUIRE(one.has_value());
    CHECK(one.value().decisions > 0);
    CHECK(one.value().different.empty());
    CHECK(store::audit(from, "nobody").error().code == errc::unknown_customer);

    // a decision that nobody made is found, and so is one that was changed
    auto const code = kept.front().customer;
    std::string const forged = std::string{decision_tag} + R"({"ref":"forged"})";
    append_batch batch;
    batch.entries.push_back({slot_of_customer(code), code, forged});
    REQUIRE(from.append(batch).has_value());
    auto const found = store::audit(from);
    REQUIRE(found.has_value());
    REQUIRE(found.value().different.size() == 1);
    CHECK(found.value().different[0].customer == code);
    CHECK(found.value().different[0].kept == R"({"ref":"forged"})");
    CHECK(found.value().different[0].made.empty());
}

TEST_CASE("rules with a day are kept with those before them, and each day goes by its own", "[store][audit]") {
    auto const rows = simulated(40, 24, 35);
    store::memory_store const place;
    auto const house = [](std::string version, std::optional<day> from, bool as_a_file) {
        auto book = policy::default_rulebook();
        book.lifecycle.version = std::move(version);
        book.from = from;
        book.lifecycle.promotion.promote_share = basis_points{6'500};
        if (as_a_file) return rules_of(book).value();
        house_rules numbers{book.lifecycle};
        numbers.from = from;
        return numbers;
    };
    auto const second = on(2024, 7, 1);
    auto const third = on(2025, 3, 1);
    book_options how{.rules = house("second", second, false), .first_rules = house("first", {}, true)};
    auto const half = static_cast<std::ptrdiff_t>(rows.size() / 2);
    {
        auto book = open(place, how);
        std::vector<received> some(rows.begin(), rows.begin() + half);
        REQUIRE(book.apply(some).value().rejected.empty());
    }
    how.rules = house("third", third, true);
    for (auto const to : {half, static_cast<std::ptrdiff_t>(rows.size())}) {
        auto book = open(place, how);  // said again, it is the same
        std::vector<received> some(rows.begin(), rows.begin() + to);
        REQUIRE(book.apply(some).value().rejected.empty());
        REQUIRE(book.save_snapshot().has_value());
        CHECK(told_by(open(place, {.use_snapshot = false}).book()) == told_by(open(place).book()));
        CHECK(told_by(open(place).book()) == told_by(book.book()));
    }
    any_event_store from{place};
    CHECK(from.rulebooks().value().size() == 2);
    auto const in_force = store::rules_in_force(from).value();
    CHECK(in_force.on(on(2024, 6, 30)).version == "first");
    CHECK(in_force.on(second).version == "second");
    CHECK(in_force.on(third).version == "third");
    CHECK(in_force.on(third).powers);
    CHECK_FALSE(in_force.on(second).powers);

    auto const whole = store::audit(from);
    REQUIRE(whole.has_value());
    CHECK(whole.value().different.empty());
    std::size_t of_second = 0;
    for (auto const& d : from.decisions(1, 1'000'000).value()) {
        auto const day_in = [&](std::string_view field) {
            auto const at = d.json.find(field) + field.size();
            return d.json.substr(at, 10);
        };
        auto const at = day_in("\"at\":\"");
        CHECK(day_in("\"rulebook\":\"").substr(0, 5) == (at < to_string(second)  ? "first"
                                                         : at < to_string(third) ? "secon"
                                                                                 : "third"));
        of_second += day_in("\"rulebook\":\"").starts_with("second") ? 1 : 0;
    }
    CHECK(of_second > 10);

    // undated rules end all of that
    { auto const plain = open(place, {.rules = house("plain", {}, true)}); }
    CHECK(open(place).book().options().rules.on(second).version == "plain");
}

TEST_CASE("decisions follow each other by position, as CloudEvents", "[store][follow]") {
    auto rows = simulated(20, 12, 4);
    store::memory_store const place;
    auto book = open(place);
    REQUIRE(book.apply(rows).has_value());
    auto const kept = book.store().decisions(1, 1'000).value();
    REQUIRE(kept.size() > 10);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        CHECK(kept[i].position == i + 1);
        auto const event = boost::json::parse(store::to_cloud_event(kept[i], "book")).as_object();
        CHECK(event.at("specversion") == "1.0");
        CHECK(event.at("id").as_string() == std::to_string(i + 1));
        CHECK(event.at("source") == "book");
        CHECK(event.at("subject").as_string() == kept[i].customer);
        CHECK(event.at("time").as_string().ends_with("Z"));
        CHECK(event.at("data").as_object().at("customer").as_string() == kept[i].customer);
    }
}

TEST_CASE("a person's name can be forgotten while every fact and every digest stays", "[store][people]") {
    store::memory_store const place;
    auto book = open(place, {.record_decisions = true});
    auto const tell = [&](auto f, std::string ref) {
        f.ref = std::move(ref);
        auto const done = book.apply(fact{f});
        INFO((done ? "" : done.error().message()));
        REQUIRE(done.has_value());
    };
    tell(enrolled(on(2024, 1, 1)), "e");
    auto known = fact_at<contact_added>(on(2024, 1, 2));
    known.person = "Zhang Ruoxi";
    known.role = "buyer";
    tell(known, "k1");
    auto other = known;
    other.person = "Chen Bo";
    tell(other, "k2");
    auto gone = fact_at<contact_left>(on(2024, 1, 9));
    gone.person = "Zhang Ruoxi";  // the same person as before
    tell(gone, "l1");

    auto const holds = [&](std::string_view name) {
        bool found = false;
        REQUIRE(book.store()
                    .read_since({},
                                [&](journal_entry const& e) {
                                    found = found || e.bytes.find(name) != std::string_view::npos;
                                    return true;
                                })
                    .has_value());
        return found;
    };
    CHECK_FALSE(holds("Zhang Ruoxi"));
    auto const names_in = [](explanation const& story, std::string_view name) {
        return to_text(story, language::en).find(name) != std::string::npos;
    };
    CHECK(names_in(book.explain("C1").value(), "person=Zhang Ruoxi"));
    auto const again = book.apply(fact{[&] {
        auto same = known;
        same.ref = "k1";
        return same;
    }()});
    CHECK(again.value().fate == fate::duplicate);

    REQUIRE(book.save_snapshot().has_value());
    CHECK(book.erase_person("C1", "Zhang Ruoxi").value() == 1);
    CHECK(book.erase_person("C1", "Zhang Ruoxi").value() == 0);
    CHECK_FALSE(names_in(book.explain("C1").value(), "Zhang Ruoxi"));
    CHECK(names_in(book.explain("C1").value(), "person=Chen Bo"));
    CHECK(names_in(open(place).explain("C1").value(), "person=@person-1"));
    CHECK(book.store().verify().value().faults.empty());
    CHECK(store::audit(book.store()).value().different.empty());

    // a new person of the same name is a new one
    auto newcomer = known;
    newcomer.at = on(2024, 1, 20);
    tell(newcomer, "k3");
    CHECK(names_in(book.explain("C1").value(), "person=Zhang Ruoxi"));
    CHECK(names_in(book.explain("C1").value(), "person=@person-1"));

    // a person of a fact that is refused leaves nothing
    auto stranger = fact_at<contact_left>(on(2024, 1, 21));
    stranger.person = "Nobody Known";
    stranger.ref = "l9";
    CHECK(book.apply(fact{stranger}).has_error());
    for (auto const& p : book.store().personal("C1").value()) CHECK(p.text != "Nobody Known");
}

TEST_CASE("a book that is opened for reading writes nothing", "[store][stored_book]") {
    store::memory_store const place;
    any_event_store from{place};
    auto reader = open(place, {.read_only = true});
    CHECK(reader.apply(fact{order(on(2024, 1, 1), "O", yuan(1))}).error().field == "ref");
    auto f = order(on(2024, 1, 1), "O", yuan(1));
    f.ref = "o";
    CHECK(reader.apply(fact{f}).error().code == errc::not_supported);
    CHECK(from.rulebooks().value().empty());
    CHECK(from.versions().value().total() == 0);
}

TEST_CASE("what was judged by the price list stays so, whatever is told of prices later", "[store][prices]") {
    store::memory_store const place;
    any_event_store from{place};
    auto const price = [](std::string ref, day at, money of_it, money floor) {
        supply_price_set f;
        f.ref = std::move(ref);
        f.at = at;
        f.product = "P1";
        f.channel = "retail";
        f.price = of_it;
        f.floor = floor;
        return f;
    };
    auto const resale = [](std::string ref, day at, money of_it, std::string territory) {
        auto f = named(std::move(ref), fact_at<resale_observed>(at));
        f.product = "P1";
        f.price = of_it;
        f.territory = std::move(territory);
        return f;
    };
    auto dealer = named("E1", enrolled(on(2024, 1, 2)));
    dealer.channel = "retail";
    dealer.territory = "west";
    auto placed = named("O1", order(on(2024, 1, 5), "O1", yuan(500)));
    placed.lines = {{"P1", unit_quantity{decimal{5, 0}}, yuan(100)}};
    std::vector<fact> const facts{
        dealer,
        price("L1", on(2024, 1, 1), yuan(90), yuan(100)),
        placed,                                             // off the list
        resale("R1", on(2024, 1, 9), yuan(92), "west"),     // below the floor, and too little is left
        price("L2", on(2024, 1, 3), yuan(100), yuan(120)),  // told late: nothing of it is judged again
        named("K1", correction(on(2024, 1, 10), "L1", "floor", "50.00 CNY")),
        resale("R2", on(2024, 1, 11), yuan(110), "east"),                      // below the new floor, and outside
        named("K2", correction(on(2024, 1, 12), "R1", "price", "95.00 CNY")),  // judged by the floor of its day
    };
    engine live{{.record_decisions = true}};
    for (auto const& f : facts) {
        auto book = open(place);  // each time from what the store holds, half of the times by a snapshot
        REQUIRE(book.apply(f).has_value());
        REQUIRE(live.apply(f).has_value());
        CHECK(told_by(book.book()) == told_by(live));
        if (kind_of(f) == fact_kind::resale_observed) REQUIRE(book.save_snapshot().has_value());
    }
    CHECK(told_by(open(place).book()) == told_by(live));
    CHECK(told_by(open(place, {.use_snapshot = false}).book()) == told_by(live));
    CHECK(to_json(store::explain_from(from, "C1").value()) == to_json(live.explain("C1").value()));

    auto const kept = from.decisions(1, 100).value();
    auto const count = [&](std::string_view event) {
        return std::count_if(kept.begin(), kept.end(), [&](kept_decision const& d) {
            return d.json.find("\"event\":\"" + std::string{event} + '"') != std::string::npos;
        });
    };
    CHECK(count("price_off_list") == 1);
    CHECK(count("breach_detected") == 3);
    CHECK(count("dealer_margin_low") == 1);
    auto const audited = store::audit(from);
    CHECK(audited.value().decisions == kept.size());
    CHECK(audited.value().different.empty());
    CHECK(store::audit(from, "C1").value().different.empty());
    auto const earlier = open(place).as_it_was(on(2024, 1, 9));
    REQUIRE(earlier.has_value());
    engine until_then;
    for (auto const& f : facts) {
        if (head_of(f).at.on() <= on(2024, 1, 9)) REQUIRE(until_then.apply(f).has_value());
    }
    CHECK(told_by(earlier.value()) == told_by(until_then));
}
