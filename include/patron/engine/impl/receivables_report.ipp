#pragma once
#include <patron/base/impl/csv_cell.hpp>
#include <patron/engine/impl/credit_view.hpp>
#include <patron/engine/impl/retold_customer.hpp>
#include <patron/engine/impl/told_book.hpp>
#include <patron/engine/receivables_report.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

namespace patron::inline v1 {

namespace detail {

/// Follows what settles a customer's invoices, and how far dunning goes.
class paying {
public:
    paying(engine_options const& options, receivables_span span) : customer_{options}, span_{span} {}

    void tell(told_event const& one) {
        if (one.review) return void(customer_.tell(one));
        auto const& f = one.content;
        auto const on = head_of(f).at.on();
        end_days_before(on);
        auto const is_payment = std::holds_alternative<payment_received>(f);
        auto const first = ledger().first_open();
        auto const count = ledger().invoices().size();
        open_before_.clear();
        if (is_payment) {
            for (auto i = first; i < count; ++i) open_before_.push_back(ledger().invoices()[i].open);
        }
        customer_.tell(one);
        auto const today = number_of(on);  // may be an earlier one than that of facts told before
        for (std::size_t i = 0; i < open_before_.size(); ++i) {
            auto const& invoice = ledger().invoices()[first + i];
            settled(open_before_[i] - invoice.open, invoice.issued, today);
        }
        for (auto i = count; i < ledger().invoices().size(); ++i) {
            auto const& invoice = ledger().invoices()[i];  // what was received ahead has settled some of it
            settled(invoice.amount - invoice.open, today, today);
        }
    }

    result<receivables_report> end(std::string_view code) {
        auto const on = number_of(span_.on);
        end_days_before(span_.on + std::chrono::days{1});
        receivables_rules const rules{.residue = customer_.rules_on(span_.on).credit.residue};
        auto const sums = receivables_of(ledger(), on, rules);
        if (!sums) return sums.error();
        auto buckets = ageing(ledger(), on, rules);
        if (!buckets) return buckets.error();
        auto const& s = sums.value();
        receivables_report out{.customer = std::string{code},
                               .in = customer_.state().in,
                               .not_due = s.not_due,
                               .overdue = s.overdue,
                               .disputed = s.disputed,
                               .unallocated = s.unallocated,
                               .ageing = std::move(buckets.value()),
                               .oldest = std::string{s.oldest},
                               .oldest_days_past_due = s.oldest_days_past_due,
                               .overdue_share = s.overdue_share,
                               .dunning_level = level_};
        auto const owed = sum_of_all({s.not_due, s.overdue, s.disputed});
        if (!owed) return owed.error();
        auto const sold = sold_in_span();
        if (!sold) return sold.error();
        auto const outstanding = days_sales_outstanding(owed.value(), sold.value(), span_.days);
        if (!outstanding) return outstanding.error();
        out.days_sales_outstanding = outstanding.value();
        auto const to_pay = patron::average_days_to_pay(parts_);
        if (!to_pay) return to_pay.error();
        out.average_days_to_pay = to_pay.value();
        return out;
    }

private:
    [[nodiscard]] patron::ledger const& ledger() const noexcept { return customer_.records().ledger; }
    [[nodiscard]] bool is_in_span(day_number d) const noexcept {
        auto const on = number_of(span_.on);
        return d <= on && std::int64_t{on} - d < span_.days;
    }
    void settled(std::int64_t amount, day_number issued, day_number paid) {
        paid = std::max(paid, issued);
        if (amount > 0 && is_in_span(paid)) parts_.push_back({amount, issued, paid});
    }
    /// Between days with facts the oldest item only grows older: looks at the ends of the last day with some and of the one
    /// before the next see all that letters on every day would have seen.
    void end_days_before(day on) {
        if (on <= today_) return;
        if (today_ != day{}) {
            dun(today_);
            dun(on - std::chrono::days{1});
        }
        today_ = on;
    }
    void dun(day on) {
        auto const& rules = customer_.rules_on(on).credit;
        level_ =
            dunning_level(level_, days_past_due(&customer_.records(), number_of(on), rules.residue), rules.dunning);
    }
    [[nodiscard]] result<std::int64_t> sold_in_span() const {
        std::int64_t sum = 0;
        for (auto const& i : ledger().invoices()) {
            if (is_in_span(i.issued) && __builtin_add_overflow(sum, i.amount, &sum)) return too_much();
        }
        return sum;
    }
    static result<std::int64_t> sum_of_all(std::initializer_list<std::int64_t> amounts) {
        std::int64_t sum = 0;
        for (auto const a : amounts) {
            if (__builtin_add_overflow(sum, a, &sum)) return too_much();
        }
        return sum;
    }
    static error too_much() {
        return {.code = errc::amount_overflow,
                .field = "amount",
                .saw = "a sum beyond 64 bits of minor units",
                .remedy = "the invoices of a customer add up to less than 2^63 minor units"};
    }

    retold_customer customer_;
    receivables_span span_;
    std::vector<std::int64_t> open_before_{};
    std::vector<settled_part> parts_{};
    int level_ = 0;
    day today_{};  ///< the latest day of those told; none: before all of them
};

}  // namespace detail

PATRON_FN result<receivables_report> receivables_report_of(engine const& book, std::string_view code,
                                                           receivables_span span) {
    if (span.days < 1) {
        return error{
            .code = errc::out_of_range, .field = "days", .saw = std::to_string(span.days), .remedy = "give 1 or more"};
    }
    auto const story = detail::told_book{book}.of(code);
    if (!story) return story.error();
    detail::paying told{book.options(), span};
    for (auto const& one : story.value()) {
        if (one.on() <= span.on) told.tell(one);
    }
    return told.end(code);
}

PATRON_FN result<std::vector<receivables_report>> receivables_reports_of(engine const& book, receivables_span span) {
    std::vector<std::string> codes;
    book.each_by_code([&](customer_row const& row) {
        codes.emplace_back(row.profile.code);
        return true;
    });
    std::vector<receivables_report> out;
    for (auto const& code : codes) {
        auto one = receivables_report_of(book, code, span);
        if (!one) {
            auto e = one.error();
            if (e.source.empty()) e.source = code;
            return e;
        }
        auto const& r = one.value();
        auto const owes = r.not_due != 0 || r.overdue != 0 || r.disputed != 0 || r.unallocated != 0;
        if (owes || r.average_days_to_pay) out.push_back(std::move(one.value()));
    }
    return out;
}

PATRON_FN std::string to_csv(std::span<receivables_report const> reports) {
    std::string out = "customer,not_due,overdue,disputed,unallocated";
    if (!reports.empty()) {
        for (auto const& b : reports.front().ageing) {
            if (b.from == INT32_MIN) continue;  // not due has its column
            out += ",days_" + std::to_string(b.from);
            out += b.to == INT32_MAX ? "_and_more" : '_' + std::to_string(b.to);
        }
    }
    out += ",oldest,oldest_days_past_due,overdue_share,days_sales_outstanding,average_days_to_pay,dunning_level\n";
    for (auto const& r : reports) {
        auto const amount = [&](std::int64_t n) { out += ',' + money{n, r.in}.to_string(); };
        auto const hundredths = [&](std::optional<std::int64_t> n) {
            out += ',';
            if (n) out += decimal{*n, 2}.to_string();
        };
        out += detail::csv_cell(r.customer);
        for (auto const n : {r.not_due, r.overdue, r.disputed, r.unallocated}) amount(n);
        for (auto const& b : r.ageing) {
            if (b.from != INT32_MIN) amount(b.amount);
        }
        out += ',' + detail::csv_cell(r.oldest) + ',' + std::to_string(r.oldest_days_past_due) + ',';
        out += decimal{r.overdue_share / 100, 2}.to_string() + " %";
        hundredths(r.days_sales_outstanding);
        hundredths(r.average_days_to_pay);
        out += ',' + std::to_string(r.dunning_level) + '\n';
    }
    return out;
}

}  // namespace patron::v1
