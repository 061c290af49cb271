#pragma once
#include <patron/base/date.hpp>
#include <patron/lifecycle/expert_standing.hpp>

#include <algorithm>

namespace patron::inline v1::lifecycle {

PATRON_FN expert_record expert_record_of(expert_file const& file, lifecycle_rules const& rules,
                                         day_number on) noexcept {
    expert_record out;
    auto const& r = rules.expert;
    auto const counts = [&](day_number d) {
        return d <= on && period{day_of(on)} - period{day_of(d)} < r.window_months;
    };
    for (auto const& a : file.advice) {
        if (!counts(a.on)) continue;
        ++(a.is_taken ? out.advice_taken : out.advice_given);
        out.good += a.result == advice_result::good ? 1 : 0;
        out.poor += a.result == advice_result::poor ? 1 : 0;
    }
    out.advice_given = std::max(out.advice_given, out.advice_taken);
    out.orders_delegated = static_cast<int>(std::count_if(file.delegated.begin(), file.delegated.end(), counts));

    using enum expert_standing;
    if (out.advice_taken == 0 && out.orders_delegated == 0) return out;
    out.standing = heard;
    auto const enough_is_taken =
        out.advice_taken >= r.trusted_from_taken &&
        std::int64_t{out.advice_taken} * 10'000 >= std::int64_t{out.advice_given} * r.trusted_from_share.count();
    if (!enough_is_taken || out.poor > out.good) return out;
    out.standing = out.orders_delegated >= r.relied_on_from_orders ? relied_on : trusted;
    return out;
}

}  // namespace patron::v1::lifecycle
