/// How forecasts would have done: made again at past month ends from what was known then, and compared (FOR-3).
#pragma once
#include <patron/insight/forecast.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace patron::inline v1::insight {

/// Which past forecasts are made.
struct backtest_terms {
    day until{};     ///< the last day that is known
    int months = 3;  ///< of each forecast, as in forecast_terms
    purchase_model model = purchase_model::mbg_nbd;
    bool newcomers = true;
    int past_origins = 12;  ///< that each of them may learn from
    int origins = 12;       ///< at most so many, the latest; 1 … 120
    /// Customers by place, as total_of has them; customers not known at an origin count from when they are.
    std::span<std::vector<std::size_t> const> groups{};
};

/// A simple forecast beside ours, over the cases for which it could be made.
struct naive_error {
    std::uint64_t cases = 0;
    double naive = std::numeric_limits<double>::quiet_NaN();  ///< its mean absolute error; NaN without a case
    double ours = std::numeric_limits<double>::quiet_NaN();   ///< that of ours over the same cases

    /// Below one: ours is nearer. Hyndman and Koehler (Int. J. of Forecasting 22, 2006) call it relative; their scaled
    /// error has the naive one's error within the calibration below the line instead.
    [[nodiscard]] double scaled() const noexcept { return ours / naive; }
};

/// How forecasts of one kind did, over all origins.
struct forecast_score {
    std::uint64_t cases = 0;
    double actual = 0;  ///< on average
    double mean_absolute_error = 0;
    double root_mean_square_error = 0;
    double bias = 0;         ///< the mean of forecast less actual
    double coverage_80 = 0;  ///< the share of cases within the range that should have 80 %
    double coverage_95 = 0;
    naive_error last_period{};  ///< as much as in as many months before
    naive_error last_year{};    ///< as much as in the same months of the year before; within 12 months
};
struct sales_score {
    forecast_score purchases{};
    forecast_score amount{};
};

/// One past forecast and what came of it.
struct backtest_origin {
    day as_of{};
    day until{};
    sales_forecast existing{};
    sales_forecast newcomers{};
    sales_forecast book{};
    sales_error book_off{};    ///< learnt by then
    std::uint32_t learnt = 0;  ///< from so many forecasts
    actual_sales actual_existing{};
    actual_sales actual_newcomers{};
    actual_sales actual_book{};
};

struct forecast_backtest {
    std::vector<backtest_origin> origins{};  ///< by day
    sales_score customers{};                 ///< each customer at each origin that it was known at
    sales_score groups{};                    ///< each group at each origin that it had customers at
    sales_score existing{};                  ///< all known customers at each origin
    sales_score book{};
};

/// Makes the forecasts of past month ends, and compares each with what was bought.
///
/// Nothing later than an origin has a part in its forecast: neither in the fits, nor in the season, nor in the common
/// error, which is learnt from earlier origins whose horizon had ended by then. Actual is what is known of the horizon at
/// the end of `until`. The first origin is the first month end at least six months after the first order; those whose
/// models cannot be fitted are left out.
/// Errors: as forecast_sales, and errc::missing_field where there is no origin.
/// Determinism: as forecast_sales. Complexity: origins and past origins together, each a fit and a pass over customers.
[[nodiscard]] PATRON_API result<forecast_backtest> backtest_sales(orders_known const& known,
                                                                  backtest_terms const& terms);
[[nodiscard]] PATRON_API result<forecast_backtest> backtest_sales(std::span<std::vector<dated_amount> const> orders,
                                                                  backtest_terms const& terms);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/forecast_backtest.ipp>
#endif
