#pragma once
// Exchange rates by day, as the facts of a book tell them (CRE-10).
#include <patron/engine/impl/change_fields.hpp>
#include <patron/engine/impl/fact_log.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patron::inline v1::detail {

/// What becomes of less than a minor unit.
enum class conversion : std::uint8_t {
    half_even,
    up,  ///< of what somebody wants on credit: never less is counted than is wanted
};

/// `amount` at so many units of `to` for one of its own currency. Nothing beyond 64 bits.
inline std::optional<std::int64_t> converted(money amount, decimal rate, currency to, conversion how) {
    using exact = boost::multiprecision::int256_t;
    exact up = amount.minor_units();
    up *= rate.units();
    exact down = 1;
    for (int i = 0; i < rate.digits() + amount.in().minor_digits(); ++i) down *= 10;
    for (int i = 0; i < to.minor_digits(); ++i) up *= 10;
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

/// The rates of a book. A view: the log outlives it.
class dated_rates {
public:
    /// `newest`: head of the chain of facts that have no customer.
    dated_rates(fact_log const& log, log_place newest) noexcept : log_{&log}, newest_{newest} {}

    /// The latest of a day, as it was told or mended; nothing when none was told.
    [[nodiscard]] std::optional<rate_set> latest(currency from, currency to, day on) const {
        std::optional<rate_set> found;
        std::vector<corrected> corrections;  // the newest first, as the chain goes: each stands before what it mends
        for (auto at = newest_; at != 0; at = log_->at(at).previous) {
            auto const bytes = log_->at(at).bytes;
            auto const kind = encoded_kind(bytes);
            if (kind != fact_kind::rate_set && kind != fact_kind::corrected) continue;
            auto told = decode(bytes, {});
            if (!told) continue;
            if (auto* correction = std::get_if<corrected>(&told.value())) {
                corrections.push_back(std::move(*correction));
                continue;
            }
            for (auto mend = corrections.rbegin(); mend != corrections.rend(); ++mend) {
                if (mend->of == std::get<rate_set>(told.value()).ref) (void)change_fields(told.value(), mend->changes);
            }
            auto& rate = std::get<rate_set>(told.value());
            if (rate.from != from || rate.to != to || rate.at.on() > on) continue;
            if (!found || rate.at > found->at) found = std::move(rate);
        }
        return found;
    }
    /// An amount in another currency, by the rate of the day; nothing when there is none.
    /// Errors: errc::amount_overflow.
    [[nodiscard]] result<std::optional<std::int64_t>> in_currency(money amount, currency to, day on,
                                                                  conversion how = conversion::half_even) const {
        if (amount.in() == to || amount.minor_units() == 0) return std::optional{amount.minor_units()};
        auto const rate = latest(amount.in(), to, on);
        if (!rate) return std::optional<std::int64_t>{};
        auto const out = converted(amount, rate->rate, to, how);
        if (out) return out;
        return error{.code = errc::amount_overflow,
                     .field = "amount",
                     .saw = amount.to_string(),
                     .remedy = "it is beyond 64 bits in " + std::string{to.code()}};
    }

private:
    fact_log const* log_;
    log_place newest_;
};

}  // namespace patron::v1::detail
