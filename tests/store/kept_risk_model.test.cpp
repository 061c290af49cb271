#include <patron/store/kept_risk_model.hpp>  // first: the header stands on its own

#include <patron/insight/early_warning.hpp>
#include <patron/insight/evaluation.hpp>
#include <patron/insight/risk_model_json.hpp>
#include <patron/store/memory.hpp>

#include <catch2/catch_test_macros.hpp>

#include <numeric>
#include <random>

using namespace patron;
using namespace patron::insight;
using namespace patron::literals;
using namespace std::chrono_literals;
using store::keep_risk_model;
using store::kept_risk_model;

namespace {

/// Bought at random intervals, from 2021 to the middle of 2023; each third stops early.
purchase_stream bought() {
    std::mt19937_64 random{7};
    std::vector<std::vector<purchase_day>> all(200);
    for (std::size_t c = 0; c < all.size(); ++c) {
        auto const gap = 5 + random() % 60;
        auto const stops = c % 3 == 0 ? 200 + random() % 700 : 900;
        for (auto on = random() % 200; on < stops; on += 1 + random() % (2 * gap)) {
            all[c].push_back({.on = day{2021y / 1 / 1} + std::chrono::days{on}, .amount = 90.00_CNY});
        }
    }
    return purchase_stream::of(all).value();
}

void note(any_event_store& in, std::string name, std::string text) {
    append_batch batch;
    batch.notes.emplace_back(std::move(name), std::move(text));
    REQUIRE(in.append(batch).has_value());
}

}  // namespace

TEST_CASE("risks by the model that is kept are those by the detector that learnt it", "[store][kept_risk_model]") {
    day const today{2023y / 6 / 20};
    auto const stream = bought();
    early_warning learns;
    tell(learns, stream, today);
    REQUIRE(learns.model().trained());
    REQUIRE(learns.model().made_on == day{2023y / 5 / 31});

    any_event_store kept{store::memory_store{}};
    REQUIRE(keep_risk_model(kept, learns.model()).has_value());
    auto const model = kept_risk_model(kept, 91, 2023y / 5 / 31).value();
    REQUIRE(model.has_value());
    CHECK(*model == learns.model());

    early_warning goes_on{{.model = *model}};
    for (auto const& p : stream.purchases()) {
        if (p.bought.on <= today) goes_on.bought(p.customer, p.bought);
    }
    std::vector<std::uint32_t> all(stream.customers());
    std::iota(all.begin(), all.end(), 0U);
    std::vector<double> learnt(all.size());
    std::vector<double> read(all.size());
    learns.risks(today, all, learnt);
    goes_on.risks(today, all, read);
    CHECK(learnt == read);
}

TEST_CASE("a model is kept for each month end and horizon", "[store][kept_risk_model]") {
    any_event_store in{store::memory_store{}};
    risk_model model{.horizon_days = 91, .made_on = 2024y / 1 / 31};
    CHECK_FALSE(kept_risk_model(in, 91, model.made_on).value().has_value());
    REQUIRE(keep_risk_model(in, model).has_value());
    auto later = model;
    later.made_on = 2024y / 2 / 29;
    later.r = 0.7;
    REQUIRE(keep_risk_model(in, later).has_value());
    CHECK(kept_risk_model(in, 91, model.made_on).value() == model);
    CHECK(kept_risk_model(in, 91, later.made_on).value() == later);
    CHECK_FALSE(kept_risk_model(in, 30, model.made_on).value().has_value());
    CHECK_FALSE(kept_risk_model(in, 91, 2024y / 3 / 31).value().has_value());

    // made once more, it takes the place of the one before
    model.alpha = 3;
    REQUIRE(keep_risk_model(in, model).has_value());
    CHECK(kept_risk_model(in, 91, model.made_on).value() == model);
}

TEST_CASE("a kept text that is no model is said to be damaged, one of a later release to be newer",
          "[store][kept_risk_model]") {
    any_event_store in{store::memory_store{}};
    note(in, "risk_model/91/2024-01-31", "{}");
    auto const damaged = kept_risk_model(in, 91, 2024y / 1 / 31);
    REQUIRE_FALSE(damaged.has_value());
    CHECK(damaged.error().code == errc::damaged);
    CHECK(damaged.error().source == "risk_model/91/2024-01-31");

    note(in, "risk_model/91/2024-01-31", to_json(risk_model{.made_on = 2024y / 2 / 29}));
    CHECK(kept_risk_model(in, 91, 2024y / 1 / 31).error().code == errc::damaged);  // of another month

    note(in, "risk_model/91/2024-02-29", R"({"version":9})");
    CHECK(kept_risk_model(in, 91, 2024y / 2 / 29).error().code == errc::newer_format);
}
