#pragma once
// A document in another currency than its customer's keeps the rate that it was taken at (CRE-10). So it is worth the same
// whenever it is read again, whatever was told of rates since.
#include <patron/customer/records.hpp>
#include <patron/engine/impl/dated_rates.hpp>
#include <patron/fact/fact.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace patron::inline v1::detail {

/// The rate of a fact that may bear one; null for others.
inline std::optional<decimal>* rate_of(fact& f) noexcept {
    return std::visit(
        [](auto& typed) -> std::optional<decimal>* {
            if constexpr (requires { typed.rate.has_value(); }) return &typed.rate;
            else return nullptr;
        },
        f);
}

/// The fact with the rate of its day, where it needs one to be told in the customer's currency and has none; nothing where
/// it stays as it is. A part of a document that is `known` goes by that one's rate.
inline std::optional<fact> with_rate(fact const& f, currency own, dated_rates const& rates, ledger const* known) {
    auto const is_part_of = [&](auto const* document, currency in) {
        return document != nullptr && document->foreign->in == in;
    };
    return std::visit(
        [&]<class F>(F const& typed) -> std::optional<fact> {
            if constexpr (requires { typed.rate.has_value(); }) {
                auto const in = typed.amount.in();
                if (typed.rate || own.is_own() || in.is_own() || in == own) return std::nullopt;
                if constexpr (std::is_same_v<F, payment_received>) {
                    if (typed.invoice && known != nullptr && is_part_of(known->find_invoice(*typed.invoice), in)) {
                        return std::nullopt;
                    }
                } else if constexpr (!std::is_same_v<F, order_placed>) {
                    if (typed.order && known != nullptr && is_part_of(known->find_order(*typed.order), in)) {
                        return std::nullopt;
                    }
                }
                auto const* const found = rates.latest(in, own, typed.at.on());
                if (found == nullptr) return std::nullopt;
                auto rated = typed;
                rated.rate = found->rate;
                return fact{std::move(rated)};
            } else {
                return std::nullopt;
            }
        },
        f);
}

/// Whether the fact that is kept is the one that is told, as it was told or with the rate that it was taken at.
inline bool is_told_again(std::string_view kept, std::string_view told) {
    if (kept == told) return true;
    if (!is_encoded_fact(kept) || !is_encoded_fact(told) || encoded_kind(kept) != encoded_kind(told)) return false;
    auto before = decode(kept, {});
    auto again = decode(told, {});
    if (!before || !again) return false;
    auto* const rate = rate_of(before.value());
    if (rate == nullptr || !*rate || *rate_of(again.value())) return false;
    rate->reset();
    return before.value() == again.value();
}

}  // namespace patron::v1::detail
