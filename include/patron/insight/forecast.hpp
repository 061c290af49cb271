/// Sales to come, of each customer, of any group and of the whole book, with intervals (FOR-3).
///
/// A customer's purchases follow a buy-till-you-die model fitted on the whole book, what they are worth the Gamma-Gamma
/// model; its forecast is the law that both make together, without simulation. Sums are of customers who buy
/// independently of each other, widened by how far past forecasts of the same book went wrong in common; customers who will
/// first buy in the horizon are forecast beside them.
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/result.hpp>
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/gamma_gamma.hpp>
#include <patron/insight/pareto_nbd.hpp>
#include <patron/insight/purchase_summary.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::insight {

/// A range that a number to come falls into with a stated chance; both ends belong to it.
struct forecast_range {
    double low = 0;
    double high = 0;

    [[nodiscard]] constexpr bool covers(double actual) const noexcept { return low <= actual && actual <= high; }
    friend bool operator==(forecast_range const&, forecast_range const&) = default;
};

/// A number to come that is zero or more: what to expect, and how far it may be off.
///
/// A range leaves out the same chance on both sides. Where nothing at all has a larger chance than that, it starts at 0
/// and leaves out what is above alone; where nothing has at least the chance of the range, it is 0 to 0, and covers more.
struct forecast_value {
    double mean = 0;
    double variance = 0;  ///< by the customers' own chance, common error left out
    double none = 1;      ///< the chance of zero
    forecast_range within_80{};
    forecast_range within_95{};

    friend bool operator==(forecast_value const&, forecast_value const&) = default;
};

/// Purchases and their worth within a horizon.
struct sales_forecast {
    forecast_value purchases{};  ///< days with an order; ranges are whole numbers
    forecast_value amount{};     ///< in whole units of the currency of the orders

    friend bool operator==(sales_forecast const&, sales_forecast const&) = default;
};

// One customer by models that are known: the exact laws of its purchases and of their worth. Purchases have the chances
// of `p_purchases`. So many amounts of a customer, of a mean that is known as far as `spent` tells, follow a beta prime
// law: a quantile of their mixture is found by solving for it, to about eight digits. With a purchase or several of one
// day, `x` = 0; without any amount, `spent.x` = 0, the customer spends as the others do.
// The variance needs p spent.x + q above 2, and is reckoned as if at 2.5 below that; the mean needs more than 1, and is
// reckoned as if at 1.25. Ranges hold for any.
// Preconditions: as expected_purchases and expected_spend. Thread safety: pure. Complexity: linear in the purchases
// that can be expected; Pareto/NBD takes an integral for each.
[[nodiscard]] PATRON_API sales_forecast forecast_of(bg_nbd const& purchases, gamma_gamma const& spend,
                                                    purchase_summary const& bought, spend_summary const& spent,
                                                    double horizon);
[[nodiscard]] PATRON_API sales_forecast forecast_of(mbg_nbd const& purchases, gamma_gamma const& spend,
                                                    purchase_summary const& bought, spend_summary const& spent,
                                                    double horizon);
[[nodiscard]] PATRON_API sales_forecast forecast_of(pareto_nbd const& purchases, gamma_gamma const& spend,
                                                    purchase_summary const& bought, spend_summary const& spent,
                                                    double horizon);

/// What was bought, to be set beside a forecast.
struct actual_sales {
    std::uint64_t purchases = 0;
    money amount{};

    friend bool operator==(actual_sales const&, actual_sales const&) = default;
};

/// How much is bought in each month of the year, against the average month.
struct season {
    std::array<double, 12> index{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};  ///< January first; 1 on average
    std::uint32_t years = 0;  ///< that it was learnt from; 0: nothing was, all are 1

    friend bool operator==(season const&, season const&) = default;
};

/// The season of a book from its purchases in consecutive months, from `first` on.
///
/// Each month against the mean of the twelve about it, averaged over the years and drawn to 1, by half where one year is
/// known, by a third where two are. Fewer than 24 months, or twelve without any purchase, have no season. Source: the
/// ratio to a moving average, as in Makridakis, Wheelwright and Hyndman, "Forecasting", 3rd ed. 1998, chapter 3.
/// Complexity: linear.
[[nodiscard]] PATRON_API season season_of(std::span<double const> purchases, period first);

/// By which model purchases are forecast.
enum class purchase_model : std::uint8_t { bg_nbd, mbg_nbd, pareto_nbd };
/// "bgnbd", "mbgnbd", "paretonbd".
[[nodiscard]] PATRON_API std::string_view name_of(purchase_model model) noexcept;
/// The model of that name.
[[nodiscard]] PATRON_API std::optional<purchase_model> purchase_model_of(std::string_view name) noexcept;

/// What is asked of a book.
struct forecast_terms {
    day as_of{};     ///< the last day that is known; the horizon begins on the next
    int months = 3;  ///< how long it is, 1 … 36: to the same day of the month, from a month's end to a month's end
    purchase_model model = purchase_model::mbg_nbd;
    bool newcomers = true;  ///< whether customers who first buy in the horizon belong to the book
    int past_origins = 12;  ///< at most so many past forecasts are made to learn from, a month apart; 0 … 120
};

/// What sums of customers are off by in common, whatever their number: learnt from past forecasts.
///
/// The mean square of the relative errors, less what the customers' own chance explains, with one forecast that was
/// 5 % off added, so that something is said where nothing is known. Ranges take it by Student's t, of as many degrees of
/// freedom as there were forecasts whose horizons do not overlap, and one.
struct common_error {
    double spread = 0.05;  ///< a standard deviation, as a share of the mean
    double freedom = 1;

    friend bool operator==(common_error const&, common_error const&) = default;
};

/// The same of purchases and of their worth.
struct sales_error {
    common_error purchases{};
    common_error amount{};

    friend bool operator==(sales_error const&, sales_error const&) = default;
};

/// The forecast of a book.
struct book_forecast {
    day as_of{};
    day until{};                              ///< the last day of the horizon
    std::vector<sales_forecast> customers{};  ///< in the order given; without a purchase so far: all zero, `none` 1
    sales_forecast existing{};                ///< all of them together
    sales_forecast newcomers{};               ///< who will first buy in the horizon; no single one is known
    sales_forecast book{};                    ///< both together
    sales_error existing_off{};               ///< in the ranges of existing customers and their sums
    sales_error book_off{};                   ///< in those of `book`
    std::uint32_t origins = 0;                ///< past forecasts that those were learnt from
    season months{};                          ///< that was applied
    /// What was not known, or makes the models doubtful, each a sentence.
    std::vector<std::string> warnings{};
};

/// The orders of each customer as they were known at the end of a day, none of a later one; the same customers in the same
/// order each time, who may be missing at the end where nothing was known of them. All in one currency.
using orders_known = std::function<std::vector<std::vector<dated_amount>>(day)>;

/// Forecasts the sales of a book.
///
/// Amounts that are cancelled or returned are the caller's to take off, as `purchases_of` does; a day of amounts not above
/// zero is a purchase that says nothing of what the customer spends. Spend is fitted to all purchases, the first included.
/// Orders of one day are one purchase. Customers of one purchase, and those not seen for long, follow from the model.
/// With 24 whole months known, time is stretched by the season of the book's last five years.
/// Newcomers arrive as in the last six months (fewer where fewer are known), and spend as all do; those who came
/// before the first month that is known look like newcomers of then.
/// Past forecasts are made from what was known on their own day alone, if that was at least six months after the first
/// order of all, and learnt from where their horizon ended by `as_of`.
/// Errors: errc::out_of_range for `months` or `past_origins`; errc::currency_mismatch, with the customer (from 1), for
///         orders in another currency than those before; errc::missing_field and out_of_range as the fits of the two
///         models have them: no customer with an order, none who came back.
/// Determinism: the same orders give the same forecast to the last bit, and the order of customers does not matter
/// beyond the last digits of sums. Complexity: (past_origins + 1) times a fit and a pass over the customers.
[[nodiscard]] PATRON_API result<book_forecast> forecast_sales(orders_known const& known, forecast_terms const& terms);
/// The same of orders that were never changed after their day; later ones are left out.
[[nodiscard]] PATRON_API result<book_forecast> forecast_sales(std::span<std::vector<dated_amount> const> orders,
                                                              forecast_terms const& terms);

/// The forecast of some customers together, by their places in `of.customers`: a group, a region, a salesperson's.
///
/// Means and variances add up. Ranges are those of a gamma law of that mean and variance with the chance of nothing set
/// apart, the common error included; those of one customer are its own. Newcomers are not in it.
/// Precondition: places are below `of.customers.size()`, none twice. Complexity: linear.
[[nodiscard]] PATRON_API sales_forecast total_of(book_forecast const& of, std::span<std::size_t const> customers);

/// `on` so many months later (earlier): the same day of the month, or its last; a month's last day goes to a last day.
[[nodiscard]] PATRON_API day months_after(day on, int months) noexcept;

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/forecast.ipp>
#endif
