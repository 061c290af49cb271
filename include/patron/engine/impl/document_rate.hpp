#pragma once
// What parts of a document in another currency than its customer's are worth (CRE-10).
#include <patron/customer/records.hpp>
#include <patron/engine/impl/dated_rates.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace patron::inline v1::detail {

/// What is left of a document in another currency, and the rate that it was taken at.
class document_rate {
public:
    document_rate() noexcept = default;
    /// `own`: all of the document in the customer's currency, `rest` what is left of it; `left`: the same in its own.
    document_rate(foreign_document const& of, std::int64_t own, std::int64_t rest, std::int64_t left) noexcept
        : in_{of.in}, foreign_{of.amount}, own_{own}, rest_{std::max<std::int64_t>(rest, 0)}, left_{left} {}
    /// What is open of an invoice. Receipts that name none settle it in the customer's currency alone.
    static document_rate of_open(ledger_invoice const& invoice) {
        auto const& foreign = *invoice.foreign;
        document_rate of{foreign, invoice.amount, invoice.open, foreign.amount - foreign.settled};
        if (of.has_ratio())
            of.left_ = std::min(of.left_, of.scaled(of.rest_, of.foreign_, of.own_).value_or(INT64_MAX));
        return of;
    }
    /// All of an order.
    static document_rate of_all(ledger_order const& order) {
        return {*order.foreign, order.ordered, order.ordered, order.foreign->amount};
    }

    /// Whether the amount is in the document's own currency, that is not the customer's, and goes by its rate.
    [[nodiscard]] bool is_for(money part) const noexcept {
        return !in_.is_own() && part.in() == in_ && (has_ratio() || part.minor_units() <= left_);
    }
    /// A part in the customer's currency: of what is left there all that is left here, so that nothing stays of it. Nothing
    /// beyond 64 bits. Precondition: `is_for` the amount.
    [[nodiscard]] std::optional<std::int64_t> own_part(std::int64_t part) const {
        if (part == left_) return rest_;
        if (!has_ratio()) return 0;
        auto const own = scaled(part, own_, foreign_);
        return own && part < left_ ? std::min(*own, rest_) : own;
    }
    /// A part in the document's currency; zero for a document in the customer's.
    [[nodiscard]] std::int64_t foreign_part(std::int64_t own_part) const {
        if (!has_ratio()) return 0;
        return own_part == rest_ ? left_ : scaled(own_part, foreign_, own_).value_or(INT64_MAX);
    }

private:
    [[nodiscard]] bool has_ratio() const noexcept { return own_ > 0 && foreign_ > 0; }
    static std::optional<std::int64_t> scaled(std::int64_t part, std::int64_t to, std::int64_t of) {
        return rounded(boost::multiprecision::int256_t{part} * to, of, conversion::half_even);
    }

    currency in_{};
    std::int64_t foreign_ = 0;
    std::int64_t own_ = 0;
    std::int64_t rest_ = 0;
    std::int64_t left_ = 0;
};

}  // namespace patron::v1::detail
