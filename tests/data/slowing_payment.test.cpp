// Two years of 2,466 invoices of 100 customers, as IBM published them to show late payment (sample data): how long each
// customer takes does not change over the years, so that whoever is taken for slowing is a false alarm.
#include "early_warning.hpp"

#include <patron/lifecycle/evidence.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

using namespace patron;
using namespace real_data;

namespace {

struct paid_invoice {
    day_number issued;
    day_number due;
    day_number on;
    std::int64_t cents;
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
            if (cells.at(7) == "Yes") return;  // disputed
            out[cells.at(1)].push_back({.issued = day_in(cells.at(4)),
                                        .due = day_in(cells.at(5)),
                                        .on = day_in(cells.at(8)),
                                        .cents = std::llround(100 * std::stod(cells.at(6)))});
        });
        for (auto& [code, paid] : out) {
            std::stable_sort(paid.begin(), paid.end(), [](auto const& l, auto const& r) { return l.on < r.on; });
        }
        return out;
    }();
    return all;
}

void pay(customer_records& records, paid_invoice const& p, int later = 0) {
    records.payments.paid({.invoiced = p.cents, .settled = p.cents, .issued = p.issued, .due = p.due}, p.on + later,
                          no_day);
}

bool is_slowing(customer_records const& records) {
    customer_state const state{};
    lifecycle::evidence_list all;
    lifecycle::record_evidence{}.gather({state, &records}, {}, records.payments.last(), all);
    return std::any_of(all.begin(), all.end(),
                       [](auto const& e) { return e.kind == lifecycle::evidence_kind::slowing_payment; });
}

}  // namespace

TEST_CASE("customers who pay as they always did are seldom taken for slowing, and those who slow are found", "[data]") {
    int looks = 0;
    int false_alarms = 0;
    int found = 0;
    std::vector<int> late_until_found;
    for (auto const& [code, paid] : paid_by_customer()) {
        customer_records records;
        for (auto const& p : paid) {
            pay(records, p);
            if (records.payments.level().count() < 8) continue;
            ++looks;
            false_alarms += is_slowing(records) ? 1 : 0;
        }
        // as if each of the last ten invoices had been paid thirty days later
        customer_records slower;
        for (std::size_t i = 0; i < paid.size(); ++i) {
            auto const is_late = i + 10 >= paid.size();
            pay(slower, paid[i], is_late ? 30 : 0);
            if (!is_late || !is_slowing(slower)) continue;
            late_until_found.push_back(static_cast<int>(i + 11 - paid.size()));
            ++found;
            break;
        }
    }
    CHECK(paid_by_customer().size() == 99);  // one disputed all
    REQUIRE_FALSE(late_until_found.empty());
    std::sort(late_until_found.begin(), late_until_found.end());
    auto const median = late_until_found[late_until_found.size() / 2];
    CAPTURE(looks, false_alarms, found, median);
    CHECK(looks > 1'000);
    CHECK(false_alarms * 100 <= looks);
    CHECK(found >= 40);
    CHECK(median <= 6);
}
