#pragma once
// Exchange rates by day, as the facts of a book tell them (CRE-10).
#include <patron/engine/impl/change_fields.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace patron::inline v1::detail {

/// What becomes of less than a minor unit.
enum class conversion : std::uint8_t {
    half_even,
    up,  ///< of what somebody wants on credit: never less is counted than is wanted
};

/// `up / down`, rounded. Nothing beyond 64 bits. Precondition: `down` is more than zero.
inline std::optional<std::int64_t> rounded(boost::multiprecision::int256_t const& up,
                                           boost::multiprecision::int256_t const& down, conversion how) {
    using exact = boost::multiprecision::int256_t;
    exact units = up / down;
    exact rest = up % down;
    if (how == conversion::up) {
        if (rest > 0) ++units;
        rest = 0;
    }
    if (rest < 0) rest = -rest;
    if (2 * rest > down || (2 * rest == down && units % 2 != 0)) units += up < 0 ? -1 : 1;
    if (units > INT64_MAX || units < INT64_MIN) return std::nullopt;
    return static_cast<std::int64_t>(units);
}

/// `amount` at so many units of `to` for one of its own currency. Nothing beyond 64 bits.
inline std::optional<std::int64_t> converted(money amount, decimal rate, currency to, conversion how) {
    using exact = boost::multiprecision::int256_t;
    exact up = amount.minor_units();
    up *= rate.units();
    exact down = 1;
    for (int i = 0; i < rate.digits() + amount.in().minor_digits(); ++i) down *= 10;
    for (int i = 0; i < to.minor_digits(); ++i) up *= 10;
    return rounded(up, down, how);
}

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
