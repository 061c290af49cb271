// Images that nobody wrote: whatever the bytes say, a book is opened from its facts, or from an image that fits together.
#include <patron/engine/impl/keeper.hpp>
#include <patron/store/memory.hpp>
#include <patron/store/stored_book.hpp>
#include <patron/testing/simulation.hpp>

#include "engine/stories.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace patron;
using namespace patron::tests;
using store::stored_book;

namespace {

/// Gives images that are not those that were saved, and says that they are sound.
struct lying_store : store::memory_store {
    std::shared_ptr<std::vector<std::string>> images = std::make_shared<std::vector<std::string>>();
    std::shared_ptr<std::vector<slot_image>> kept = std::make_shared<std::vector<slot_image>>();

    result<void> save_snapshot(std::vector<slot_image> const& saved) {
        images->clear();
        *kept = saved;
        for (auto const& image : saved) images->emplace_back(image.bytes);
        return {};
    }
    result<std::optional<kept_snapshot>> load_snapshot() {
        if (kept->empty()) return std::optional<kept_snapshot>{};
        auto given = *kept;
        for (std::size_t i = 0; i < given.size(); ++i) given[i].bytes = (*images)[i];
        return std::optional{kept_snapshot{given, images}};
    }
};

lying_store with_a_book(std::uint64_t seed) {
    lying_store place;
    auto book = stored_book::open(place).value();
    testing::simulation all{{.customers = 60, .months = 8, .seed = seed}};
    std::vector<received> rows;
    while (auto f = all.next()) rows.push_back({0, std::move(*f)});
    REQUIRE(book.apply(rows).has_value());
    REQUIRE(book.save_snapshot().has_value());
    return place;
}

}  // namespace

TEST_CASE("an image with a bit turned is refused or fits together: it is never read beyond its end",
          "[store][snapshot][properties]") {
    auto const place = with_a_book(1);
    auto const sound = *place.images;
    auto const from_facts = rows_of(stored_book::open(place, {.use_snapshot = false}).value().book());
    std::mt19937 random{1};
    int refused = 0;
    for (int turn = 0; turn < 400; ++turn) {
        *place.images = sound;
        auto const which = turn % 4 == 0 ? book_slot : random() % customer_slots;
        auto& image = (*place.images)[which];
        auto const what = turn % 5;
        if (what == 0) {
            image.resize(random() % image.size());
        } else if (what == 1) {
            image += "and more";
        } else {
            for (int i = 0; i < what; ++i) image[random() % image.size()] ^= static_cast<char>(1U << (random() % 8));
        }
        auto opened = stored_book::open(place);
        REQUIRE(opened.has_value());
        auto& book = opened.value();
        if (book.opened().snapshot_refused) {
            ++refused;
            CHECK(rows_of(book.book()) == from_facts);
        } else {
            (void)rows_of(book.book());  // a sum may be another: that is for the store's digest to tell
        }
    }
    CHECK(refused > 200);
}

TEST_CASE("what was granted, planned and ordered for later is in the image", "[store][snapshot]") {
    house_rules rules;
    rules.credit.horizon_days = 30;
    rules.credit.limit_review_days = 5;
    store::book_options how;
    how.rules = rules;
    store::memory_store const place;
    auto told = [n = 0](auto f) mutable {
        f.ref = "F" + std::to_string(++n);
        return f;
    };
    auto live = stored_book::open(place, how).value();
    auto limit = fact_at<limit_set>(on(2025, 1, 1));
    limit.amount = yuan(1'000);
    limit.review_on = on(2025, 6, 1);
    auto far = order(on(2025, 2, 1), "O1", yuan(900));
    far.delivery_date = on(2025, 5, 1);
    auto release = fact_at<override_granted>(on(2025, 2, 1));
    release.amount = yuan(2'000);
    release.by = "Wang";
    release.reason = "fair";
    release.until = on(2025, 2, 28);
    release.order = "O2";
    release.tolerance_percent = 5;
    auto waits = fact_at<order_held>(on(2025, 2, 2));
    waits.order = "O3";
    waits.amount = yuan(1'500);
    waits.delivery_date = on(2025, 6, 1);
    rate_set rate;
    rate.at = moment{on(2025, 1, 1)};
    rate.from = currency::literal("USD");
    rate.to = cny;
    rate.rate = decimal::parse("7.25").value();
    auto const abroad = order(on(2025, 2, 3), "O5", 10.00_USD);
    auto support = fact_at<dealer_support_set>(on(2025, 2, 3));
    support.product = "P1";
    support.amount = yuan(6);
    auto plan = fact_at<promotion_planned>(on(2025, 2, 4));
    plan.tier = promotion_goal::gold;
    plan.due = on(2025, 12, 31);
    for (fact const& f :
         std::initializer_list<fact>{told(enrolled(on(2025, 1, 1))), told(limit), told(far), told(release), told(rate),
                                     told(abroad), told(waits), told(support), told(plan)}) {
        REQUIRE(live.apply(f).has_value());
    }
    REQUIRE(live.save_snapshot().has_value());
    auto again = stored_book::open(place, how).value();
    REQUIRE(again.opened().from_snapshot > 0);
    CHECK(rows_of(again.book()) == rows_of(live.book()));
    CHECK(rows_of(again.book()).find(R"("promotion_plan":{"tier":"gold","due":"2025-12-31"})") != std::string::npos);
    auto const all_answers = [](stored_book& book) {
        std::string out;
        for (auto const at : {on(2025, 2, 10), on(2025, 4, 10), on(2025, 6, 10)}) {
            for (auto const* const name : {"O1", "O2", "O4"}) {
                credit_query q{.amount = yuan(2'100), .order = name, .on = at};
                append_json(out, book.check("C1", q).value().answer, cny);
            }
            for (auto const& h : book.held_orders({.on = at}).value()) append_json(out, h);
        }
        return out;
    };
    CHECK(all_answers(again) == all_answers(live));
    auto const* const kept = patron::detail::keeper{const_cast<engine&>(again.book())}.credit_of("C1");
    REQUIRE(kept != nullptr);
    CHECK(kept->overrides.at(0).tolerance_basis_points == 500);
    auto const& slot = patron::detail::keeper{const_cast<engine&>(again.book())}.slot_at(slot_of_customer("C1"));
    CHECK(slot.identities[0].records->support->at(0).amount == 6'00);
    auto sent = about_order<goods_delivered>(on(2025, 2, 5), "O5", 4.00_USD);
    REQUIRE(again.apply(fact{named("sent", sent)}).has_value());
    CHECK(again.check("C1", {.amount = yuan(1)}).value().answer.by_category.delivered == 29'00);
}

TEST_CASE("an image of another machine, release or slot is refused before it is read", "[store][snapshot]") {
    auto const place = with_a_book(2);
    auto const sound = *place.images;
    auto const from_facts = rows_of(stored_book::open(place, {.use_snapshot = false}).value().book());
    auto const refused_as = [&](errc code, std::string_view word) {
        auto const opened = stored_book::open(place);
        REQUIRE(opened.has_value());
        auto const& refused = opened.value().opened().snapshot_refused;
        REQUIRE(refused.has_value());
        CHECK(refused->code == code);
        CHECK(refused->remedy.find(word) != std::string::npos);
        CHECK(rows_of(opened.value().book()) == from_facts);
        *place.images = sound;
    };
    CHECK_FALSE(stored_book::open(place).value().opened().snapshot_refused.has_value());
    std::swap((*place.images)[7][12], (*place.images)[7][15]);  // its byte order
    refused_as(errc::not_supported, "machine");
    (*place.images)[7][8] = 99;
    refused_as(errc::not_supported, "release");
    std::swap((*place.images)[7], (*place.images)[8]);
    refused_as(errc::damaged, "slot");
    (*place.images)[7][0] = 'P';
    refused_as(errc::damaged, "image");
    (*place.images)[7].clear();
    refused_as(errc::damaged, "early");
    place.kept->pop_back();
    refused_as(errc::damaged, "missing");
}

TEST_CASE("a snapshot that covers more than the store holds is of another store", "[store][snapshot]") {
    auto const full = with_a_book(3);
    lying_store other;
    auto f = order(on(2024, 1, 1), "O", yuan(1));
    f.ref = "o";
    REQUIRE(stored_book::open(other).value().apply(fact{f}).has_value());
    *other.images = *full.images;
    *other.kept = *full.kept;
    auto const opened = stored_book::open(other);
    REQUIRE(opened.has_value());
    REQUIRE(opened.value().opened().snapshot_refused.has_value());
    CHECK(opened.value().opened().snapshot_refused->code == errc::damaged);
    CHECK(opened.value().book().size() == 1);
}
