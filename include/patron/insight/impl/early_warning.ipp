#pragma once
#include <patron/insight/early_warning.hpp>
#include <patron/insight/impl/purchase_statistics.hpp>
#include <patron/insight/impl/risk_blend.hpp>
#include <patron/insight/impl/risk_scores.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace patron::inline v1::insight {

PATRON_FN early_warning::early_warning(early_warning_options const& options)
    : early_warning{early_warning_memory{.options = options}} {
    memory_.model.horizon_days = options.horizon_days;
    memory_.model.log_odds = detail::score_of(risk_feature::bg_nbd_no_purchase);
}
PATRON_FN early_warning::early_warning(early_warning_memory kept)
    : memory_{std::move(kept)}, season_{detail::season_phases(season_day_)} {
    BOOST_ASSERT(memory_.options.horizon_days >= 7 && memory_.options.horizon_days <= 365);
}

PATRON_FN void early_warning::bought(std::uint32_t customer, purchase_day const& bought) {
    label_until(bought.on - std::chrono::days{1});
    auto& customers = memory_.customers;
    if (customer >= customers.size()) customers.resize(std::size_t{customer} + 1);
    if (!memory_.first_purchase) memory_.first_purchase = bought.on;
    auto const on = detail::number_of(bought.on);
    if (on != season_day_) {
        season_day_ = on;
        season_ = detail::season_phases(on);
    }
    detail::add_purchase(customers[customer], bought, season_);
}

PATRON_FN void early_warning::label_until(day known) {
    auto& all = memory_;
    std::chrono::days const horizon{all.options.horizon_days};
    for (; all.labelled < all.months.size() && all.months[all.labelled].at + horizon <= known; ++all.labelled) {
        auto& month = all.months[all.labelled];
        auto const end = detail::number_of(month.at);
        // purchases come by their days: none of a day after the horizon has been told yet
        for (auto const c : month.customers) month.silent.push_back(all.customers[c].last <= end ? 1 : 0);
        detail::weigh(month, all.options.horizon_days, all.evidence);
    }
}

PATRON_FN void early_warning::month_ended(day at) {
    label_until(at);
    auto& all = memory_;
    auto const& options = all.options;
    if (all.labelled > options.most_months) {
        auto const drop = static_cast<std::ptrdiff_t>(all.labelled - options.most_months);
        all.months.erase(all.months.begin(), all.months.begin() + drop);
        all.labelled = options.most_months;
    }
    risk_model model{.horizon_days = options.horizon_days, .made_on = at};
    auto const candidates = detail::look_at_book(all.customers, at, all.model, model);
    auto const parts = detail::train(std::span{all.months}.first(all.labelled), model);
    auto month = detail::blend(all, candidates, parts, model);
    constexpr std::chrono::days too_early{60};
    auto const learns = options.trained && !candidates.empty() && at >= *all.first_purchase + too_early;
    if (learns) all.months.push_back(std::move(month));
    all.model = model;
}

PATRON_FN void early_warning::risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const {
    BOOST_ASSERT(of.size() == out.size());
    static constexpr purchase_statistics nobody{};
    detail::risk_scorer scorer{memory_.model, at};
    std::array<purchase_statistics const*, detail::feature_rows> block{};
    for (std::size_t from = 0; from < of.size(); from += detail::feature_rows) {
        auto const count = std::min(detail::feature_rows, of.size() - from);
        for (std::size_t i = 0; i < count; ++i) {
            auto const customer = of[from + i];
            block[i] = customer < memory_.customers.size() ? &memory_.customers[customer] : &nobody;
        }
        scorer.score({block.data(), count}, out.subspan(from, count));
    }
}

PATRON_FN risk_explanation early_warning::explain(day at, std::uint32_t customer) const {
    if (customer >= memory_.customers.size()) return {};
    return explain_risk(memory_.model, memory_.customers[customer], at);
}

}  // namespace patron::v1::insight
