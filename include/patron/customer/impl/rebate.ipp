#pragma once
#include <patron/customer/rebate.hpp>

#include <boost/assert.hpp>
#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace patron::inline v1 {

namespace rebate_detail {

using exact = boost::multiprecision::int256_t;  // a volume times a volume times a rate, summed over the bands, fits

inline constexpr std::int64_t whole = 100'000'000;  // of a rate in hundredths of a millionth
inline constexpr std::int64_t unit = 1'000'000;     // of a quantity in millionths

inline error refuse(errc code, std::string field, std::string saw, std::string remedy) {
    return {.code = code, .field = std::move(field), .saw = std::move(saw), .remedy = std::move(remedy)};
}
inline error too_much(std::string field) {
    return refuse(errc::amount_overflow, std::move(field), "a sum beyond 64 bits",
                  "split the agreement, or state it in a currency of fewer digits");
}
inline error out_of_range(std::string const& agreement) {
    return refuse(
        errc::amount_overflow, "agreement", agreement,
        "its volume or what that earns passes 2^63 - 1: correct its rates, give it a cap, or correct the order "
        "that is too large");
}

/// An amount of the agreement that is not negative, in minor units of `in`.
inline result<std::int64_t> own_amount(money amount, currency in, std::string const& field) {
    auto const owned = amount.owned_as(in);
    if (!owned) {
        auto e = owned.error();
        e.field = field;
        return e;
    }
    if (owned.value().in() != in) {
        return refuse(errc::currency_mismatch, field, amount.to_string(),
                      "the customer's amounts are in " + std::string{in.code()});
    }
    if (owned.value().minor_units() < 0) {
        return refuse(errc::out_of_range, field, amount.to_string(), "give an amount from zero on");
    }
    return owned.value().minor_units();
}

/// `d` as a count of 10^-digits. Precondition: 0 <= digits <= 18.
inline result<std::int64_t> scaled(decimal d, int digits, std::string const& field) {
    if (d.digits() > digits) {
        return refuse(errc::wrong_scale, field, d.to_string(),
                      "give at most " + std::to_string(digits) + " digits after the point");
    }
    auto out = d.units();
    for (int i = d.digits(); i < digits; ++i) {
        if (__builtin_mul_overflow(out, std::int64_t{10}, &out)) {
            return refuse(errc::amount_overflow, field, d.to_string(), "give a smaller number");
        }
    }
    return out;
}

inline exact rounded(exact const& part, exact const& of) {
    exact units = part / of;
    exact const rest = 2 * (part % of);  // nothing here is negative
    if (rest > of || (rest == of && units % 2 != 0)) ++units;
    return units;
}

inline result<void> enlarge(rebate_volume& sum, rebate_volume const& by) {
    BOOST_ASSERT(by.value >= 0 && by.quantity >= 0);
    auto larger = sum;
    if (__builtin_add_overflow(larger.value, by.value, &larger.value) ||
        __builtin_add_overflow(larger.quantity, by.quantity, &larger.quantity)) {
        return too_much("volume");
    }
    sum = larger;
    return {};
}

inline rebate_volume net_of(rebate_volume const& counted, rebate_volume const& off) noexcept {
    return {std::max<std::int64_t>(counted.value - off.value, 0),
            std::max<std::int64_t>(counted.quantity - off.quantity, 0)};
}

}  // namespace rebate_detail

PATRON_FN result<std::int64_t> millionths_of(decimal quantity) {
    return rebate_detail::scaled(quantity, 6, "quantity");
}

PATRON_FN currency currency_of(rebate_agreed const& agreed) noexcept {
    currency in;
    auto const learn = [&in](money told) {
        if (in.is_own()) in = told.in();
    };
    if (agreed.cap) learn(*agreed.cap);
    if (agreed.minimum) learn(*agreed.minimum);
    for (auto const& band : agreed.bands) {
        if (!band.from.by_quantity) learn(band.from.value);
        if (band.rate.per_unit) learn(band.rate.amount);
    }
    return in;
}

PATRON_FN result<rebate_terms> rebate_terms::of(rebate_agreed const& agreed, currency in) {
    using rebate_detail::refuse;
    if (agreed.bands.empty()) return refuse(errc::missing_field, "bands", "none", "give at least one band");
    if (agreed.bands.size() > most_bands) {
        return refuse(errc::too_long, "bands", std::to_string(agreed.bands.size()) + " bands",
                      "give at most " + std::to_string(most_bands));
    }
    if (agreed.product && agreed.product->empty()) {
        return refuse(errc::out_of_range, "product", "", "name the product, or leave the field out");
    }
    rebate_terms out;
    out.agreement_ = agreed.agreement;
    out.basis_ = agreed.basis;
    out.method_ = agreed.method;
    out.product_ = agreed.product;
    out.in_ = in;
    out.from_ = agreed.from.value_or(agreed.at.on());
    out.until_ = agreed.until;
    if (out.until_ && *out.until_ < out.from_) {
        return refuse(errc::out_of_range, "until", to_string(*out.until_),
                      "an agreement ends on its first day, " + to_string(out.from_) + ", or later");
    }
    auto const by_quantity = agreed.by ? *agreed.by == rebate_measure::quantity : agreed.bands.front().from.by_quantity;
    out.measure_ = by_quantity ? rebate_measure::quantity : rebate_measure::value;
    for (std::size_t i = 0; i < agreed.bands.size(); ++i) {
        auto from = agreed.bands[i].from;
        auto const& rate = agreed.bands[i].rate;
        if (agreed.by && from.by_quantity != by_quantity) {  // a bare number is what the agreement says that it is
            if (from.by_quantity) {
                auto const bare = money::parse(from.units.to_string());
                if (bare) from = {.by_quantity = false, .value = bare.value()};
            } else if (from.value.in().is_own()) {
                from = {.by_quantity = true,
                        .units = decimal{from.value.minor_units(), from.value.in().minor_digits()}};
            }
        }
        auto const place = "bands[" + std::to_string(i) + ']';
        auto const at_zero = from.by_quantity ? from.units == decimal{} : from.value.minor_units() == 0;
        if (from.by_quantity != by_quantity && !at_zero) {  // zero is the same in either
            return refuse(errc::malformed, place + ".from",
                          from.by_quantity ? from.units.to_string() : from.value.to_string(),
                          by_quantity ? "bands by quantity begin at a quantity" : "bands by value begin at an amount");
        }
        band b;
        auto const edge = at_zero            ? result<std::int64_t>{0}
                          : from.by_quantity ? rebate_detail::scaled(from.units, 6, place + ".from")
                                             : rebate_detail::own_amount(from.value, in, place + ".from");
        if (!edge) return edge.error();
        if (edge.value() < 0) {
            return refuse(errc::out_of_range, place + ".from", from.units.to_string(), "give a quantity from zero on");
        }
        b.from = edge.value();
        b.per_unit = rate.per_unit;
        auto const of_rate = rate.per_unit ? rebate_detail::own_amount(rate.amount, in, place + ".rate")
                                           : rebate_detail::scaled(rate.percent, 6, place + ".rate");
        if (!of_rate) return of_rate.error();
        b.rate = of_rate.value();
        if (!b.per_unit && (b.rate < 0 || b.rate > rebate_detail::whole)) {
            return refuse(errc::out_of_range, place + ".rate", rate.percent.to_string() + '%',
                          "a rate is 0 % to 100 %");
        }
        auto const behind = std::upper_bound(out.bands_.begin(), out.bands_.end(), b.from,
                                             [](std::int64_t edge_, band const& x) { return edge_ < x.from; });
        if (behind != out.bands_.begin() && std::prev(behind)->from == b.from) {
            return refuse(errc::out_of_range, place + ".from",
                          from.by_quantity ? from.units.to_string() : from.value.to_string(),
                          "another band begins there: give each its own");
        }
        out.bands_.insert(behind, b);
    }
    if (agreed.cap) {
        auto const cap = rebate_detail::own_amount(*agreed.cap, in, "cap");
        if (!cap) return cap.error();
        out.cap_ = cap.value();
    }
    if (agreed.minimum) {
        auto const minimum = rebate_detail::own_amount(*agreed.minimum, in, "minimum");
        if (!minimum) return minimum.error();
        out.minimum_ = minimum.value();
    }
    return out;
}

PATRON_FN result<std::int64_t> rebate_terms::earned(rebate_volume const& volume) const {
    BOOST_ASSERT(volume.value >= 0 && volume.quantity >= 0);
    auto const reached = measure_ == rebate_measure::quantity ? volume.quantity : volume.value;
    if (reached == 0) return 0;
    rebate_detail::exact sum = 0;  // of parts of `reached`, each times its rate
    for (std::size_t i = 0; i < bands_.size() && bands_[i].from <= reached; ++i) {
        auto const& b = bands_[i];
        auto const is_top = i + 1 == bands_.size() || bands_[i + 1].from > reached;
        auto const end = is_top ? reached : bands_[i + 1].from;
        std::int64_t part = 0;
        switch (method_) {
            case rebate_method::incremental: part = end - b.from; break;
            case rebate_method::retroactive: part = is_top ? reached : 0; break;
            case rebate_method::rolling: part = end; break;
            case rebate_method::total: part = reached; break;
        }
        auto const of = b.per_unit
                            ? rebate_detail::exact{volume.quantity} * (rebate_detail::whole / rebate_detail::unit)
                            : rebate_detail::exact{volume.value};
        sum += of * part * b.rate;
    }
    auto const out = rebate_detail::rounded(sum, rebate_detail::exact{reached} * rebate_detail::whole);
    auto const most = cap_.value_or(std::numeric_limits<std::int64_t>::max());
    if (out <= most) return static_cast<std::int64_t>(out);
    if (!cap_) return rebate_detail::out_of_range(agreement_);
    return most;
}

PATRON_FN rebate_volume rebate_account::net() const noexcept {
    return rebate_detail::net_of(progress_.counted, progress_.taken_off);
}

PATRON_FN result<void> rebate_account::count(rebate_volume const& more) {
    if (progress_.is_final) {
        return rebate_detail::refuse(errc::impossible_now, "agreement", terms_.agreement(),
                                     "it was settled for good; agree on a new one");
    }
    return rebate_detail::enlarge(progress_.counted, more);
}
PATRON_FN result<void> rebate_account::take_off(rebate_volume const& less) {
    return rebate_detail::enlarge(progress_.taken_off, less);
}

PATRON_FN void rebate_account::give_back(rebate_volume const& again) noexcept {
    auto& off = progress_.taken_off;
    BOOST_ASSERT(again.value >= 0 && again.value <= off.value && again.quantity >= 0 && again.quantity <= off.quantity);
    off.value -= again.value;
    off.quantity -= again.quantity;
}

PATRON_FN result<rebate_balance> rebate_account::balance() const {
    if (progress_.is_out_of_range) return rebate_detail::out_of_range(terms_.agreement());
    auto const gross = terms_.earned(progress_.counted);
    if (!gross) return gross.error();
    auto const of_net = terms_.earned(net());
    if (!of_net) return of_net.error();
    auto const earned = of_net.value();
    rebate_balance b{.accrued =
                         std::max(gross.value(), earned)};  // where rates fall with the volume, less can earn more
    b.paid = std::min(progress_.paid, earned);
    b.forfeited = std::min(progress_.forfeited, earned - b.paid);
    b.open = earned - b.paid - b.forfeited;
    auto const lost = b.accrued - earned;
    auto const to_be_clawed_back = progress_.paid - b.paid;
    b.clawed_back = to_be_clawed_back + std::min(progress_.clawed_back, lost - to_be_clawed_back);
    b.reversed = lost - b.clawed_back;
    return b;
}

PATRON_FN result<std::int64_t> rebate_account::settle(settlement_kind kind) {
    if (progress_.is_final) {
        return rebate_detail::refuse(errc::impossible_now, "agreement", terms_.agreement(),
                                     "it was settled for good already");
    }
    auto const now = balance();
    if (!now) return now.error();
    auto const& b = now.value();
    auto const back = progress_.paid - b.paid;
    if (__builtin_add_overflow(progress_.clawed_back, back, &progress_.clawed_back))
        progress_.clawed_back = INT64_MAX;  // more than can be lost at once
    progress_.paid -= back;
    auto const pays = b.open >= terms_.minimum();
    if (pays) progress_.paid += b.open;
    if (kind == settlement_kind::final_) {
        if (!pays) progress_.forfeited += b.open;
        progress_.is_final = true;
    }
    return (pays ? b.open : 0) - back;
}

}  // namespace patron::v1
