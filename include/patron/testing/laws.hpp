/// The laws of the extension points: what patron relies on, whatever the model. Works in any test framework.
///
/// Each function tries a model on the views that it is given and returns what it breaks, in words; an empty list
/// means that no law was seen broken. The views should differ: customers of each stage, with and without records.
#pragma once
#include <patron/insight/share_of_wallet.hpp>
#include <patron/lifecycle/evidence.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patron::inline v1::testing {

namespace detail {

inline void report_law(std::vector<std::string>& broken, std::size_t view, day on, std::string const& what) {
    broken.push_back("view " + std::to_string(view) + " on " + to_string(on) + ": " + what);
}

inline bool same_evidence(lifecycle::evidence_list const& a, lifecycle::evidence_list const& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

}  // namespace detail

/// The laws of an `evidence_source`:
///  - it is pure: the same view, rules and day give the same evidence, in any order of calls, from a copy too;
///  - it appends: what other sources found stays as it was;
///  - weights are not negative, ages are not negative, and there is at most one piece a kind.
/// Complexity: four passes over the views.
template <lifecycle::evidence_source S>
[[nodiscard]] std::vector<std::string> evidence_source_laws(S const& source, std::span<customer_view const> views,
                                                            day on, lifecycle::lifecycle_rules const& rules = {}) {
    std::vector<std::string> broken;
    auto const number = number_of(on);
    std::vector<lifecycle::evidence_list> first(views.size());
    for (std::size_t i = 0; i < views.size(); ++i) {
        source.gather(views[i], rules, number, first[i]);
        std::uint32_t kinds = 0;
        for (auto const& e : first[i]) {
            auto const name = std::string{lifecycle::name_of(e.kind)};
            if (e.weight < 0) detail::report_law(broken, i, on, "the weight of " + name + " is negative");
            if (e.age_days < 0) detail::report_law(broken, i, on, "the age of " + name + " is negative");
            auto const bit = std::uint32_t{1} << static_cast<unsigned>(e.kind);
            if ((kinds & bit) != 0) detail::report_law(broken, i, on, "more than one piece of " + name);
            kinds |= bit;
        }
    }
    auto const copy = source;
    for (std::size_t i = views.size(); i-- > 0;) {
        lifecycle::evidence_list again;
        copy.gather(views[i], rules, number, again);
        if (!detail::same_evidence(first[i], again)) {
            detail::report_law(broken, i, on,
                               "not pure: asked again, in another order and of a copy, it answers otherwise");
        }
        // one piece of another source stands there already: of a kind that this one does not report, where there is one
        auto const free = [&] {
            for (unsigned kind = 0; kind < lifecycle::evidence_kinds; ++kind) {
                bool used = false;
                for (auto const& e : first[i]) used = used || static_cast<unsigned>(e.kind) == kind;
                if (!used) return kind;
            }
            return lifecycle::evidence_kinds;
        }();
        if (free == lifecycle::evidence_kinds) continue;
        lifecycle::evidence const other{
            .kind = static_cast<lifecycle::evidence_kind>(free), .weight = 1, .age_days = 1};
        lifecycle::evidence_list behind{other};
        source.gather(views[i], rules, number, behind);
        if (behind.empty() || !(behind.front() == other)) {
            detail::report_law(broken, i, on, "it changes what another source found");
        } else if (!std::equal(behind.begin() + 1, behind.end(), first[i].begin(), first[i].end())) {
            detail::report_law(broken, i, on, "its answer depends on what another source found");
        }
    }
    return broken;
}

/// The laws of a `wallet_estimate`:
///  - it is pure: the same view and month give the same answer, in any order of calls, from a copy too;
///  - an estimate is not negative; "unknown" is nothing, and never zero by accident: `share_over` takes zero as unknown;
///  - it looks back only: what is stated for a month after `last` changes nothing.
/// Complexity: four passes over the views; views with records are copied.
template <insight::wallet_estimate E>
[[nodiscard]] std::vector<std::string> wallet_estimate_laws(E const& estimate, std::span<customer_view const> views,
                                                            period last) {
    std::vector<std::string> broken;
    std::vector<std::optional<std::int64_t>> first;
    for (std::size_t i = 0; i < views.size(); ++i) {
        first.push_back(estimate.estimate(views[i], last));
        if (first[i] && *first[i] < 0) detail::report_law(broken, i, last.last(), "the estimate is negative");
    }
    auto const copy = estimate;
    for (std::size_t i = views.size(); i-- > 0;) {
        if (copy.estimate(views[i], last) != first[i]) {
            detail::report_law(broken, i, last.last(),
                               "not pure: asked again, in another order and of a copy, it answers otherwise");
        }
        if (views[i].records == nullptr) continue;
        auto with_tomorrow = *views[i].records;
        with_tomorrow.wallet.push_back({(last + 1).index(), 123'456'789});
        if (estimate.estimate({views[i].state, &with_tomorrow}, last) != first[i]) {
            detail::report_law(broken, i, last.last(), "it uses what is stated for a later month");
        }
    }
    return broken;
}

}  // namespace patron::v1::testing
