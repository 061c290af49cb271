// Two years of 2,466 invoices of 100 customers, as IBM published them to show late payment (sample data): how long each
// customer takes does not change over the years, so that whoever is taken for slowing is a false alarm.
#include "early_warning.hpp"

#include <patron/lifecycle/evidence.hpp>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace patron;
using namespace real_data;

namespace {

struct paid_invoice {
    ledger_invoice invoice;
    day_number on = no_day;
};

/// From "3/31/2013".
day_number day_in(std::string const& cell) {
    int month = 0;
    int of_month = 0;
    int year = 0;
    REQUIRE(std::sscanf(cell.c_str(), "%d/%d/%d", &month, &of_month, &year) == 3);
    return number_of(day{std::chrono::year{year} / month / of_month});
}

std::map<std::string, std::vector<paid_invoice>> const& paid_by_customer() {
    static auto const all = [] {
        std::map<std::string, std::vector<paid_invoice>> out;
        each_row("ibm_late_payments/WA_Fn-UseC_-Accounts-Receivable.csv", ',', [&](auto const& cells) {
            out[cells.at(1)].push_back(
                {.invoice = {.issued = day_in(cells.at(4)), .due = day_in(cells.at(5))}, .on = day_in(cells.at(8))});
        });
        for (auto& [code, paid] : out) {
            std::stable_sort(paid.begin(), paid.end(), [](auto const& l, auto const& r) { return l.on < r.on; });
        }
        return out;
    }();
    return all;
}

bool is_slowing(customer_records const& records) {
    customer_state const state{};
    lifecycle::evidence_list all;
    lifecycle::record_evidence{}.gather({state, &records}, {}, number_of(day{std::chrono::year{2014} / 1 / 1}), all);
    return std::any_of(all.begin(), all.end(),
                       [](auto const& e) { return e.kind == lifecycle::evidence_kind::slowing_payment; });
}

}  // namespace

TEST_CASE("customers who pay as they always did are seldom taken for slowing, and those who slow are found", "[data]") {
    int looks = 0;
    int false_alarms = 0;
    int found = 0;
    for (auto const& [code, paid] : paid_by_customer()) {
        customer_records records;
        for (auto const& p : paid) {
            records.paid_in_full(p.invoice, p.on);
            if (records.terms_taken.count() < 8) continue;
            ++looks;
            false_alarms += is_slowing(records) ? 1 : 0;
        }
        // as if each of the last ten invoices had been paid thirty days later
        customer_records slower;
        for (std::size_t i = 0; i < paid.size(); ++i) {
            slower.paid_in_full(paid[i].invoice, paid[i].on + (i + 10 < paid.size() ? 0 : 30));
        }
        found += is_slowing(slower) ? 1 : 0;
    }
    CHECK(paid_by_customer().size() == 100);
    CAPTURE(looks, false_alarms, found);
    CHECK(looks > 1'500);
    CHECK(false_alarms * 100 <= looks);
    CHECK(found >= 60);
}
