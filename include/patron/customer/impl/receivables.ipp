#pragma once
#include <patron/customer/receivables.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace patron::inline v1 {

namespace receivables_detail {

__extension__ using wide = __int128;

inline error refuse(errc code, std::string field, std::string saw, std::string remedy) {
    return {.code = code, .field = std::move(field), .saw = std::move(saw), .remedy = std::move(remedy)};
}
inline error too_much(std::string field) {
    return refuse(errc::amount_overflow, std::move(field), "a sum beyond 64 bits of minor units",
                  "state the credit in a currency of fewer digits");
}

/// Days are at most 2^32 apart, so that no product or remainder here leaves 128 bits.
inline result<std::int64_t> divided(wide part, wide of, std::string field) {
    auto units = part / of;
    auto const twice = 2 * (part % of);
    if (twice > of || (twice == of && units % 2 != 0)) ++units;
    if (units > INT64_MAX) return too_much(std::move(field));
    return static_cast<std::int64_t>(units);
}

}  // namespace receivables_detail

PATRON_FN void append_open_items(std::vector<open_item>& to, ledger const& of) {
    for (auto i = of.first_open(); i < of.invoices().size(); ++i) {
        auto const& invoice = of.invoices()[i];
        if (invoice.open > 0) to.push_back({invoice.invoice, invoice.open, invoice.due, invoice.disputed});
    }
}

PATRON_FN result<receivables> receivables_of(ledger const& of, day_number on, receivables_rules const& rules) {
    using receivables_detail::too_much;
    using receivables_detail::wide;
    receivables r{.unallocated = of.unallocated()};
    auto const any_overdue = of.none_due_before() < on;
    for (auto i = of.first_open(); i < of.invoices().size(); ++i) {
        auto const& invoice = of.invoices()[i];
        auto const overdue = any_overdue && !invoice.disputed && on > invoice.due;
        auto& sum = invoice.disputed ? r.disputed : overdue ? r.overdue : r.not_due;
        if (__builtin_add_overflow(sum, invoice.open, &sum)) {
            return too_much(invoice.disputed ? "disputed" : overdue ? "overdue" : "not_due");
        }
        if (!overdue || invoice.open <= rules.residue) continue;
        r.overdue_counted += invoice.open;  // at most `overdue`
        if (auto const days = on - invoice.due; days > r.oldest_days_past_due) {
            r.oldest_days_past_due = days;
            r.oldest = invoice.invoice;
        }
    }
    if (auto const open = wide{r.not_due} + r.overdue; open > 0) {
        r.overdue_share = static_cast<std::int32_t>(wide{r.overdue_counted} * 1'000'000 / open);
    }
    return r;
}

PATRON_FN result<std::vector<ageing_bucket>> ageing(ledger const& of, day_number on, receivables_rules const& rules) {
    std::vector<ageing_bucket> buckets{{INT32_MIN, 0, 0}};
    for (auto const edge : rules.ageing_edges) {
        if (edge <= buckets.back().to) {
            return receivables_detail::refuse(errc::out_of_range, "ageing_edges", std::to_string(edge),
                                              "give days past due from 1 on, each more than the one before");
        }
        buckets.push_back({buckets.back().to + 1, edge, 0});
    }
    if (buckets.back().to < INT32_MAX) buckets.push_back({buckets.back().to + 1, INT32_MAX, 0});
    for (auto i = of.first_open(); i < of.invoices().size(); ++i) {
        auto const& invoice = of.invoices()[i];
        if (invoice.disputed) continue;
        auto const days = on - invoice.due;
        auto const at = std::find_if(buckets.begin(), buckets.end(), [&](auto const& b) { return days <= b.to; });
        if (__builtin_add_overflow(at->amount, invoice.open, &at->amount)) {
            return receivables_detail::too_much("ageing");
        }
    }
    return buckets;
}

PATRON_FN result<std::optional<std::int64_t>> days_sales_outstanding(std::int64_t receivables,
                                                                     std::int64_t credit_sales, int days) {
    using receivables_detail::refuse;
    if (receivables < 0) {
        return refuse(errc::out_of_range, "receivables", std::to_string(receivables), "give an amount from zero on");
    }
    if (credit_sales < 0) {
        return refuse(errc::out_of_range, "credit_sales", std::to_string(credit_sales), "give an amount from zero on");
    }
    if (days < 1) return refuse(errc::out_of_range, "days", std::to_string(days), "a period has a day or more");
    if (credit_sales == 0) return std::optional<std::int64_t>{};
    auto const out =
        receivables_detail::divided(receivables_detail::wide{receivables} * days * 100, credit_sales, "days");
    if (!out) return out.error();
    return std::optional{out.value()};
}

PATRON_FN result<std::optional<std::int64_t>> average_days_to_pay(std::span<settled_part const> parts) {
    using receivables_detail::refuse;
    using receivables_detail::wide;
    wide weighted = 0;
    wide sum = 0;
    for (auto const& part : parts) {
        if (part.amount < 0) {
            return refuse(errc::out_of_range, "amount", std::to_string(part.amount), "give an amount from zero on");
        }
        if (part.paid < part.issued) {
            return refuse(errc::out_of_range, "paid", std::to_string(part.paid), "a payment follows its invoice");
        }
        weighted += wide{part.amount} * (std::int64_t{part.paid} - part.issued);
        sum += part.amount;
        if (sum > INT64_MAX) return receivables_detail::too_much("amount");
    }
    if (sum == 0) return std::optional<std::int64_t>{};
    auto const out = receivables_detail::divided(weighted * 100, sum, "days");
    if (!out) return out.error();
    return std::optional{out.value()};
}

PATRON_FN result<void> check(dunning_rules const& rules) {
    auto before = dunning_step{.enter = 0, .leave = -1};
    for (std::size_t i = 0; i < rules.steps.size(); ++i) {
        auto const& step = rules.steps[i];
        if (step.leave >= step.enter || step.enter <= before.enter || step.leave <= before.leave) {
            return receivables_detail::refuse(
                errc::out_of_range, "steps[" + std::to_string(i) + ']',
                std::to_string(step.enter) + ", " + std::to_string(step.leave),
                "a level is left below where it is entered, and both lie above those of the level before");
        }
        before = step;
    }
    return {};
}

PATRON_FN int dunning_level(int now, int oldest_days_past_due, dunning_rules const& rules) noexcept {
    auto const& steps = rules.steps;
    auto level = std::clamp(now, 0, static_cast<int>(steps.size()));
    while (level > 0 && oldest_days_past_due <= steps[static_cast<std::size_t>(level - 1)].leave) --level;
    while (level < static_cast<int>(steps.size()) &&
           oldest_days_past_due >= steps[static_cast<std::size_t>(level)].enter) {
        ++level;
    }
    return level;
}

}  // namespace patron::v1
