#include <patron/testing/laws.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;

namespace {

struct some_customers {
    subject quiet = subject{stage::initial}.ordered(0, 100, 4);
    subject falling = subject{stage::stable}.ordered(0, 200, 20);
    subject troubled = subject{stage::strategic}.ordered(0, 200, 20).wallet(6, 100).bought(6, 40);
    std::vector<customer_view> views;  // of the members above

    some_customers() {
        falling.state.reviews_below = 2;
        troubled.records.competitors.push_back({"Acme", on_day(150), 900});
        troubled.records.complaints.push_back({.name = "K", .severity = 4, .since = on_day(100)});
        troubled.records.contacts.push_back({.person = "Li", .since = on_day(0), .left = on_day(170)});
        views.push_back(quiet.flat_view());
        views.push_back(falling.view());
        views.push_back(troubled.view());
    }
};

bool says(std::vector<std::string> const& broken, std::string_view words) {
    return std::any_of(broken.begin(), broken.end(),
                       [&](auto const& line) { return line.find(words) != std::string::npos; });
}

evidence piece(evidence_kind kind, std::int32_t weight, std::int32_t age = 0) {
    return {.kind = kind, .weight = weight, .age_days = age};
}

struct negative_weight {
    void gather(customer_view, lifecycle_rules const&, day_number, evidence_list& out) const {
        out.push_back(piece(evidence_kind::breach, -1));
    }
};
struct negative_age {
    void gather(customer_view, lifecycle_rules const&, day_number, evidence_list& out) const {
        out.push_back(piece(evidence_kind::breach, 1, -1));
    }
};
struct twice_the_same {
    void gather(customer_view, lifecycle_rules const&, day_number, evidence_list& out) const {
        out.push_back(piece(evidence_kind::breach, 1));
        out.push_back(piece(evidence_kind::breach, 2));
    }
};
struct counts_its_calls {
    int mutable calls = 0;
    void gather(customer_view, lifecycle_rules const&, day_number, evidence_list& out) const {
        out.push_back(piece(evidence_kind::breach, ++calls));
    }
};
struct clears_what_is_there {
    void gather(customer_view, lifecycle_rules const&, day_number, evidence_list& out) const {
        out.clear();
        out.push_back(piece(evidence_kind::breach, 1));
    }
};
struct looks_at_what_is_there {
    void gather(customer_view, lifecycle_rules const&, day_number, evidence_list& out) const {
        out.push_back(piece(evidence_kind::breach, static_cast<std::int32_t>(out.size())));
    }
};

struct negative_wallet {
    std::optional<std::int64_t> estimate(customer_view, period) const { return -1; }
};
struct moody_wallet {
    int mutable calls = 0;
    std::optional<std::int64_t> estimate(customer_view, period) const { return ++calls; }
};
struct clairvoyant_wallet {
    std::optional<std::int64_t> estimate(customer_view view, period) const {
        if (view.records == nullptr || view.records->wallet.empty()) return std::nullopt;
        return view.records->wallet.back().minor_units;
    }
};

std::vector<std::string> tried(auto const& source) {
    some_customers const c;
    return testing::evidence_source_laws(source, c.views, day_of(on_day(250)));
}
std::vector<std::string> tried_wallet(auto const& estimate) {
    some_customers const c;
    return testing::wallet_estimate_laws(estimate, c.views, month_of_2024(6));
}

}  // namespace

TEST_CASE("the stock sources keep the laws", "[testing][laws]") {
    CHECK(tried(rhythm_evidence{}).empty());
    CHECK(tried(record_evidence{}).empty());
    CHECK(tried(stock_evidence{}).empty());
    CHECK(tried_wallet(insight::last_statement{12}).empty());
}

TEST_CASE("a source that breaks a law is found out", "[testing][laws]") {
    CHECK(says(tried(negative_weight{}), "the weight of breach is negative"));
    CHECK(says(tried(negative_age{}), "the age of breach is negative"));
    CHECK(says(tried(twice_the_same{}), "more than one piece of breach"));
    CHECK(says(tried(counts_its_calls{}), "not pure"));
    CHECK(says(tried(clears_what_is_there{}), "changes what another source found"));
    CHECK(says(tried(looks_at_what_is_there{}), "depends on what another source found"));
    CHECK(tried(negative_weight{}).front().starts_with("view 0 on 2024-09-07: "));
}

TEST_CASE("an estimate that breaks a law is found out", "[testing][laws]") {
    CHECK(says(tried_wallet(negative_wallet{}), "negative"));
    CHECK(says(tried_wallet(moody_wallet{}), "not pure"));
    CHECK(says(tried_wallet(clairvoyant_wallet{}), "later month"));
}
