#pragma once
// What the fits of all models over purchase summaries share.
#include <patron/base/result.hpp>
#include <patron/insight/impl/newton.hpp>
#include <patron/insight/model_fit.hpp>
#include <patron/insight/purchase_summary.hpp>

#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace patron::inline v1::insight::detail {

inline error bad_row(char const* field, double saw, std::size_t index, char const* remedy) {
    return {
        .code = errc::out_of_range, .field = field, .saw = std::to_string(saw), .remedy = remedy, .line = index + 1};
}

inline result<void> check_rows(std::span<purchase_summary const> rows) {
    if (rows.empty()) {
        return error{
            .code = errc::missing_field, .field = "rows", .remedy = "give at least one customer with an order"};
    }
    std::uint64_t repeats = 0;
    double longest = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const& row = rows[i];
        if (!(row.T >= 0) || !std::isfinite(row.T)) return bad_row("T", row.T, i, "give a time from zero on");
        if (!(row.t_x >= 0) || row.t_x > row.T) {
            return bad_row("t_x", row.t_x, i, "give the time of the last purchase, between 0 and T");
        }
        if (row.x > most_repeats) return bad_row("x", row.x, i, "give at most 120000 repeat purchases");
        if ((row.x == 0) != (row.t_x == 0)) {
            return bad_row("t_x", row.t_x, i,
                           "give 0 where there is no repeat purchase, and a later time where there is");
        }
        if (row.weight == 0) return bad_row("weight", row.weight, i, "give at least one customer");
        repeats += row.x;
        longest = std::max(longest, row.T);
    }
    if (longest == 0) {
        return error{.code = errc::out_of_range,
                     .field = "T",
                     .saw = "0 for all",
                     .remedy = "let the data end later than the day of the first purchases"};
    }
    if (repeats == 0) {
        return error{.code = errc::out_of_range,
                     .field = "x",
                     .saw = "0 for all",
                     .remedy = "give data in which at least one customer came back on a later day"};
    }
    return {};
}

/// Rows that differ, with what every likelihood over them needs.
struct fit_rows {
    std::vector<purchase_summary> rows;
    double customers = 0;
    double repeaters = 0;
    double purchases = 0;           ///< repeats
    double watched = 0;             ///< the sum of T
    std::vector<double> more_than;  ///< [i]: customers with x > i

    explicit fit_rows(std::span<purchase_summary const> all) : rows{deduplicated(all)} {
        more_than.assign(rows.back().x, 0);
        for (auto const& row : rows) {
            double const weight = row.weight;
            customers += weight;
            if (row.x > 0) repeaters += weight;
            purchases += weight * row.x;
            watched += weight * row.T;
            if (row.x > 0) more_than[row.x - 1] += weight;
        }
        for (auto i = more_than.size(); i-- > 1;) more_than[i - 1] += more_than[i];
    }
    [[nodiscard]] double rate() const noexcept { return purchases / watched; }
};

/// log of Gamma(base + x) / Gamma(base), a product of x factors.
inline double log_rising(double base, std::uint32_t x) noexcept {
    // a product of few factors costs one logarithm, and never over- or underflows between two
    double sum = 0;
    double product = 1;
    for (std::uint32_t i = 0; i < x; ++i) {
        product *= base + i;
        if (product > 1e200 || product < 1e-200) {
            sum += std::log(product);
            product = 1;
        }
    }
    return sum + std::log(product);
}

/// Fills what every fit says of itself.
template <class Model>
model_fit<Model> fit_of(maximum<Model::names.size()> const& found, Model const& model, double customers,
                        double repeaters, std::size_t rows) {
    model_fit<Model> out{.model = model,
                         .standard_errors = found.standard_errors,
                         .log_likelihood = found.value,
                         .customers = static_cast<std::uint64_t>(customers),
                         .rows = rows,
                         .evaluations = found.evaluations,
                         .converged = found.converged};
    if (!found.converged)
        out.warnings.emplace_back("no maximum was reached: the parameters are the best that were seen");
    for (std::size_t i = 0; i < Model::names.size(); ++i) {
        warn_of({.name = Model::names[i],
                 .value = found.at[i],
                 .standard_error = found.standard_errors[i],
                 .on_bound = found.on_bound[i]},
                out.warnings);
        constexpr double together = 0.995;
        for (std::size_t j = 0; j < i; ++j) {
            if (std::abs(found.correlations[i][j]) < together) continue;
            warn_of(Model::names[j], Model::names[i], found.correlations[i][j], out.warnings);
        }
    }
    constexpr double few = 30;
    if (repeaters < few) {
        out.warnings.push_back("only " + std::to_string(static_cast<std::uint64_t>(repeaters)) +
                               " customers came back: the parameters rest on little");
    }
    return out;
}

}  // namespace patron::v1::insight::detail
