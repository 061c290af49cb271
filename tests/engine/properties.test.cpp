// What holds for every history: here for simulated ones with bad facts mixed in.
#include <patron/engine/engine.hpp>

#include <patron/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

class chance {
public:
    explicit chance(std::uint64_t seed) : random_{seed} {}
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }

private:
    std::mt19937_64 random_;
};

std::vector<fact> simulated(std::uint64_t seed, bool reviews, std::uint32_t customers = 40, int months = 18) {
    testing::simulation from{{.customers = customers, .months = months, .seed = seed, .reviews = reviews}};
    std::vector<fact> all;
    while (auto next = from.next()) all.push_back(std::move(*next));
    return all;
}

/// Rows to refuse, to repeat and to mend, between those of a sound history. Deterministic.
std::vector<received> with_bad_rows(std::vector<fact> const& sound, std::uint64_t seed) {
    chance roll{seed};
    std::vector<received> rows;
    std::uint64_t line = 0;
    auto const put = [&](result<fact> content) { rows.push_back({++line, std::move(content)}); };
    for (std::size_t i = 0; i < sound.size(); ++i) {
        put(sound[i]);
        if (!roll.one_in(12)) continue;
        auto const at = head_of(sound[i]).at;
        auto const customer = std::string{head_of(sound[i]).customer};
        auto const ref = "bad " + std::to_string(i);
        switch (roll.below(10)) {
            case 0: put(error{.code = errc::malformed, .field = "at", .line = line}); break;
            case 1: put(sound[roll.below(i + 1)]); break;  // told twice
            case 2: {                                      // the same reference, other content
                auto other = order(at.on(), "X" + ref, yuan(1), customer.empty() ? "C-nobody" : customer);
                other.ref = head_of(sound[roll.below(i + 1)]).ref;
                put(other);
                break;
            }
            case 3: {
                auto paid = payment(at.on(), yuan(1), "no such invoice");
                paid.customer = customer.empty() ? "C-nobody" : customer;
                put(named(ref, paid));
                break;
            }
            case 4: {
                auto strange = order(at.on(), "X" + ref, 1.00_EUR, customer.empty() ? "C-nobody" : customer);
                put(named(ref, strange));
                break;
            }
            case 5: {  // long closed, or not
                auto late = order(at.on() - std::chrono::days{static_cast<int>(roll.below(70))}, "X" + ref, yuan(5),
                                  customer.empty() ? "C-nobody" : customer);
                put(named(ref, late));
                break;
            }
            case 6: {
                auto mend = correction(at.on(), std::string{head_of(sound[roll.below(i + 1)]).ref}, "amount",
                                       std::to_string(1 + roll.below(900)) + ".00 CNY");
                put(named(ref, mend));
                break;
            }
            case 7: {  // moved by some days, where that can be
                auto const& target = sound[roll.below(i + 1)];
                auto const to = head_of(target).at.on() + std::chrono::days{static_cast<int>(roll.below(60)) - 30};
                put(named(ref, correction(at.on(), std::string{head_of(target).ref}, "at", patron::to_string(to))));
                break;
            }
            case 8: {  // no reference at all
                auto nameless = competitor(at.on(), "Acme", 30);
                nameless.customer = customer.empty() ? "C-nobody" : customer;
                put(nameless);
                break;
            }
            default: put(named(ref, review(at.on(), period{at.on()} - 1))); break;
        }
    }
    return rows;
}

struct told {
    std::string rows;
    std::string decisions;
    std::string rejected;
    std::uint64_t applied = 0;
    std::uint64_t duplicate = 0;
};

void add(told& to, batch_outcome const& outcome) {
    to.applied += outcome.applied;
    to.duplicate += outcome.duplicate;
    for (auto const& d : outcome.decisions) append_json(to.decisions, d, cny);
    for (auto const& e : outcome.rejected) to.rejected += e.message() + '\n';
}

engine_options recording(review_mode mode) { return {.reviews = mode, .record_decisions = true}; }

/// Plays the rows in batches of random sizes (or all at once) over so many threads.
told played(engine& book, std::vector<received> rows, unsigned threads, std::uint64_t split_seed, day until) {
    told out;
    chance roll{split_seed};
    std::span<received> rest{rows};
    while (!rest.empty()) {
        auto const size = split_seed == 0 ? rest.size() : std::min<std::size_t>(rest.size(), 1 + roll.below(400));
        add(out, book.apply(rest.first(size), {.threads = threads}));
        rest = rest.subspan(size);
    }
    for (auto const& d : book.advance_to(until, threads)) append_json(out.decisions, d, cny);
    out.rows = rows_of(book);
    return out;
}

}  // namespace

TEST_CASE("any split into batches on any number of threads gives the bytes of one fact after another",
          "[engine][properties][threads]") {
    auto const mode = GENERATE(review_mode::monthly, review_mode::by_fact);
    auto const seed = GENERATE(1U, 2U);
    CAPTURE(seed, mode == review_mode::by_fact);
    auto const rows = with_bad_rows(simulated(seed, mode == review_mode::by_fact), seed);
    auto const until = (in_month(2024, 1) + 18).last();

    engine one_by_one{recording(mode)};
    told live;
    for (auto const& row : rows) {
        if (!row.content) {
            live.rejected += row.content.error().message() + '\n';
            continue;
        }
        auto const outcome = one_by_one.apply(row.content.value());
        if (!outcome) {
            auto e = outcome.error();
            e.line = row.line;
            live.rejected += e.message() + '\n';
            continue;
        }
        live.applied += outcome.value().fate == fate::applied ? 1 : 0;
        live.duplicate += outcome.value().fate == fate::duplicate ? 1 : 0;
        for (auto const& d : outcome.value().decisions) append_json(live.decisions, d, cny);
    }
    for (auto const& d : one_by_one.advance_to(until)) append_json(live.decisions, d, cny);
    live.rows = rows_of(one_by_one);
    CHECK(live.applied > rows.size() / 2);
    CHECK(live.duplicate > 5);
    CHECK(std::count(live.rejected.begin(), live.rejected.end(), '\n') > 20);

    for (unsigned const threads : {1U, 2U, 3U, 7U}) {
        for (std::uint64_t const split : {0U, 5U}) {
            CAPTURE(threads, split);
            engine book{recording(mode)};
            auto const batched = played(book, rows, threads, split, until);
            CHECK(batched.rows == live.rows);
            CHECK(batched.rejected == live.rejected);
            CHECK(batched.decisions == live.decisions);
            CHECK(batched.applied == live.applied);
            CHECK(batched.duplicate == live.duplicate);
        }
    }
}

TEST_CASE("a feed told again changes nothing, and all of it is duplicate", "[engine][properties]") {
    auto const sound = simulated(3, true);
    std::vector<received> rows;
    for (auto const& f : sound) rows.push_back({0, f});
    engine book{recording(review_mode::by_fact)};
    auto first = rows;
    auto const once = book.apply(first);
    CHECK(once.applied == rows.size());
    for (auto const& e : once.rejected) UNSCOPED_INFO(e.message());
    CHECK(once.rejected.empty());  // the simulation never contradicts itself
    auto const before = rows_of(book);
    auto const again = book.apply(rows);
    CHECK(again.duplicate == rows.size());
    CHECK(again.applied == 0);
    CHECK(again.rejected.empty());
    CHECK(again.decisions.empty());
    CHECK(rows_of(book) == before);
}

TEST_CASE("exposure is what a recount gives, and the story told again is the row that lives", "[engine][properties]") {
    auto const mode = GENERATE(review_mode::monthly, review_mode::by_fact);
    auto const seed = GENERATE(4U, 5U, 6U);
    CAPTURE(seed, mode == review_mode::by_fact);
    auto rows = with_bad_rows(simulated(seed, mode == review_mode::by_fact), seed);
    engine book{recording(mode)};
    std::span<received> const all{rows};
    book.apply(all.first(rows.size() / 2));
    if (mode == review_mode::monthly) book.advance_to(*book.latest_day());  // a book is read, and goes on
    book.apply(all.subspan(rows.size() / 2));
    auto const until = (in_month(2024, 1) + 18).last();
    book.advance_to(until);
    std::size_t mended = 0;
    book.each_by_code([&](customer_row const& row) {
        auto const code = std::string{row.profile.code};
        CAPTURE(code);
        CHECK(book.recount_exposure(code).value() == row.state.exposure);
        auto const story = book.explain(code);
        REQUIRE(story.has_value());
        std::string lives;
        append_json(lives, row);
        std::string told_again;
        append_json(told_again, story.value().row);
        CHECK(told_again == lives);
        auto const history = book.history(code).value();
        CHECK(history.stays.back().stage == row.state.stage);
        std::size_t moves = 0;
        for (auto const& d : story.value().decisions) moves += d.to ? 1 : 0;
        CHECK(moves == history.stays.size() - 1);
        for (auto const& f : story.value().facts) mended += f.corrected ? 1 : 0;
        return true;
    });
    CHECK(mended > 10);
}

TEST_CASE("a history mended by corrections is the history that was right from the start", "[engine][properties]") {
    auto const seed = GENERATE(7U, 8U);
    CAPTURE(seed);
    auto const right = simulated(seed, false, 30, 12);
    chance roll{seed};
    std::vector<fact> wrong;
    std::vector<fact> corrections;
    auto const last = (in_month(2024, 1) + 11).last();
    for (auto const& f : right) {
        wrong.push_back(f);
        auto const head = head_of(f);
        auto const mend = [&](std::string field, std::string value) {
            corrections.push_back(
                named("mend " + std::string{head.ref}, correction(last, std::string{head.ref}, field, value)));
        };
        if (auto* o = std::get_if<order_placed>(&wrong.back()); o != nullptr && roll.one_in(6)) {
            mend("amount", o->amount.to_string());
            o->amount = {o->amount.minor_units() + 100'00 * static_cast<std::int64_t>(1 + roll.below(50)),
                         o->amount.in()};
        } else if (auto* w = std::get_if<wallet_stated>(&wrong.back()); w != nullptr && roll.one_in(3)) {
            mend("amount", w->amount.to_string());
            w->amount = {w->amount.minor_units() / 3, w->amount.in()};
        } else if (auto* c = std::get_if<competitor_observed>(&wrong.back()); c != nullptr && roll.one_in(2)) {
            mend("at", c->at.to_string());
            c->at = c->at.on();  // within its own day
        } else if (auto* e = std::get_if<customer_enrolled>(&wrong.back()); e != nullptr && roll.one_in(3)) {
            mend("name", e->name);
            e->name = "misspelt";
        }
    }
    REQUIRE(corrections.size() > 40);
    engine straight;
    engine mended;
    for (auto const& f : right) REQUIRE(straight.apply(f).has_value());
    for (auto const& f : wrong) REQUIRE(mended.apply(f).has_value());
    straight.advance_to(last);
    mended.advance_to(last);
    CHECK(rows_of(mended) != rows_of(straight));
    for (auto const& f : corrections) {
        auto const outcome = mended.apply(f);
        INFO((outcome ? std::string{} : outcome.error().message()));
        REQUIRE(outcome.has_value());
    }
    CHECK(rows_of(mended) == rows_of(straight));
    straight.each_by_code([&](customer_row const& row) {
        auto const code = std::string{row.profile.code};
        CHECK(mended.history(code).value() == straight.history(code).value());
        CHECK(mended.state_of(code).value() == straight.state_of(code).value());
        return true;
    });
}

TEST_CASE("reviews told at each month's end are the reviews of the calendar", "[engine][properties]") {
    auto const seed = GENERATE(range<std::uint64_t>(9, 12));
    CAPTURE(seed);
    auto const with_reviews = simulated(seed, true);
    engine by_fact{recording(review_mode::by_fact)};
    engine monthly{recording(review_mode::monthly)};
    period last{};
    for (auto const& f : with_reviews) {
        REQUIRE(by_fact.apply(f).has_value());
        if (auto const* held = std::get_if<review_held>(&f)) {
            last = held->period;
        } else {
            REQUIRE(monthly.apply(f).has_value());
        }
    }
    by_fact.advance_to(last.last());
    monthly.advance_to(last.last());
    CHECK(rows_of(by_fact) == rows_of(monthly));
    auto const a = by_fact.flows();
    auto const b = monthly.flows();
    CHECK(a.transitions == b.transitions);
    CHECK(a.days == b.days);
}
