#pragma once
// Exchange rates by day, as the facts of a book tell them (CRE-10).
#include <patron/base/impl/converted.hpp>
#include <patron/engine/impl/change_fields.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace patron::inline v1::detail {

/// The rates of a book.
class dated_rates {
public:
    void tell(rate_set f) {
        auto const at = std::upper_bound(all_.begin(), all_.end(), f, is_before);
        all_.insert(at, std::move(f));
    }
    /// Of a rate that was not told: nothing.
    void correct(std::string_view ref, std::vector<field_change> const& changes) {
        auto const found = std::find_if(all_.begin(), all_.end(), [&](rate_set const& f) { return f.ref == ref; });
        if (found == all_.end()) return;
        fact mended{*found};
        if (!change_fields(mended, changes)) return;
        auto& rate = std::get<rate_set>(mended);
        if (!is_before(rate, *found) && !is_before(*found, rate)) {
            *found = std::move(rate);
            return;
        }
        all_.erase(found);
        tell(std::move(rate));
    }

    /// The latest of a day, as it was told or mended; null when none was told.
    [[nodiscard]] rate_set const* latest(currency from, currency to, day on) const {
        rate_set const next{.ref = {}, .at = moment{on + std::chrono::days{1}}, .from = from, .to = to, .rate = {}};
        auto const after = std::lower_bound(all_.begin(), all_.end(), next, is_before);
        if (after == all_.begin()) return nullptr;
        auto const& found = *std::prev(after);
        return found.from == from && found.to == to ? &found : nullptr;
    }
    /// An amount in another currency, by the rate of the day; nothing when there is none.
    /// Errors: errc::amount_overflow.
    [[nodiscard]] result<std::optional<std::int64_t>> in_currency(money amount, currency to, day on,
                                                                  conversion how = conversion::half_even) const {
        if (amount.in() == to || amount.minor_units() == 0) return std::optional{amount.minor_units()};
        auto const* const rate = latest(amount.in(), to, on);
        if (rate == nullptr) return std::optional<std::int64_t>{};
        auto const out = converted(amount, rate->rate, to, how);
        if (out) return out;
        return error{.code = errc::amount_overflow,
                     .field = "amount",
                     .saw = amount.to_string(),
                     .remedy = "it is beyond 64 bits in " + std::string{to.code()}};
    }

private:
    static bool is_before(rate_set const& a, rate_set const& b) {
        auto const key = [](rate_set const& f) { return std::tuple{f.from.code(), f.to.code(), f.at}; };
        return key(a) < key(b);
    }

    std::vector<rate_set> all_;  ///< by their currencies and days; of one moment in the order in which they were told
};

}  // namespace patron::v1::detail
