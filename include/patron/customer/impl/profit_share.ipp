#pragma once
#include <patron/customer/profit_share.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace patron::inline v1 {

namespace profit_share_detail {
__extension__ using wide = __int128;

inline error wrong(std::string field, std::int64_t saw, std::string remedy) {
    return {
        .code = errc::out_of_range, .field = std::move(field), .saw = std::to_string(saw), .remedy = std::move(remedy)};
}
}  // namespace profit_share_detail

PATRON_FN result<void> check(profit_share_terms const& terms) {
    using profit_share_detail::wrong;
    if (terms.rate.count() < 0 || terms.rate.count() > 10'000) {
        return wrong("rate", terms.rate.count(), "0 to 10 000 basis points");
    }
    if (terms.cap && *terms.cap < 0) return wrong("cap", *terms.cap, "0 or more, or no cap");
    if (terms.last_months < 1 || terms.last_months >= profit_share_account::months) {
        return wrong("last_months", terms.last_months, "1 to 11");
    }
    if (terms.dumping_from.count() <= 10'000) {
        return wrong("dumping_from", terms.dumping_from.count(), "more than 10 000 basis points, the usual amount");
    }
    if (terms.dumping_least < 0) return wrong("dumping_least", terms.dumping_least, "0 or more");
    return {};
}

PATRON_FN result<void> profit_share_account::count(period month, std::int64_t purchases) {
    auto const at = month - terms_.first_month;
    if (at < 0 || at >= months) {
        return error{.code = errc::out_of_range,
                     .field = "month",
                     .saw = month.to_string(),
                     .remedy = "a month from " + terms_.first_month.to_string() + " to " +
                               (terms_.first_month + (months - 1)).to_string()};
    }
    auto& sum = purchases_[static_cast<std::size_t>(at)];
    std::int64_t larger = 0;
    if (__builtin_add_overflow(sum, purchases, &larger)) {
        return error{.code = errc::amount_overflow,
                     .field = "purchases",
                     .saw = std::to_string(purchases),
                     .remedy = "a month's sum fits in 64 bits of minor units"};
    }
    sum = larger;
    return {};
}

PATRON_FN std::int64_t profit_share_account::accrued() const noexcept {
    using profit_share_detail::wide;
    wide sum = 0;
    for (auto const month : purchases_) sum += month;
    wide share = sum > 0 ? sum * terms_.rate.count() / 10'000 : wide{0};
    if (terms_.cap) share = std::min<wide>(share, *terms_.cap);
    return static_cast<std::int64_t>(std::min<wide>(share, std::numeric_limits<std::int64_t>::max()));
}

PATRON_FN bool profit_share_account::is_dumped() const noexcept {
    using profit_share_detail::wide;
    auto const first_of_last = months - terms_.last_months;
    auto const bought = std::find_if(purchases_.begin(), purchases_.end(), [](std::int64_t n) { return n != 0; });
    auto const before = first_of_last - static_cast<int>(bought - purchases_.begin());
    wide earlier = 0;
    wide last = 0;
    for (int i = 0; i < months; ++i) (i < first_of_last ? earlier : last) += purchases_[static_cast<std::size_t>(i)];
    // last / last_months against earlier / before, without a division
    return earlier > 0 && last >= terms_.dumping_least &&
           last * before * 10'000 >= earlier * terms_.last_months * terms_.dumping_from.count();
}

}  // namespace patron::v1
