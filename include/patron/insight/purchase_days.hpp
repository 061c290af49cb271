/// The purchases of a customer, out of the facts that are told of it (FOR-1).
#pragma once
#include <patron/base/currency.hpp>
#include <patron/base/date.hpp>
#include <patron/fact/fact.hpp>
#include <patron/insight/purchase_summary.hpp>
#include <patron/insight/risk_detector.hpp>

#include <span>
#include <vector>

namespace patron::inline v1::insight {

/// Each order that counts, by the day on which it was placed, its amount in `own`.
///
/// What was known on `until` decides, and nothing later: orders placed by then; one that was cancelled in full by then is
/// none, unless it was reopened; a part that was cancelled lowers its amount, and goods returned against it lower it too,
/// to zero at the least, though the purchase stays one. Goods returned that name no order lower nothing: they say nothing
/// of when or whether the customer buys. An order of zero (a sample) is a purchase. An amount in another currency goes by
/// the rate that the order was taken at, half to even; without one, or beyond 64 bits, it is nothing, and the purchase
/// still counts. Parts in another currency than their order lower nothing.
/// `facts` are one customer's, in any order, as corrections have left them (`engine::facts_of`).
/// Complexity: facts log facts.
[[nodiscard]] PATRON_API std::vector<dated_amount> purchases_of(std::span<fact const> facts, currency own, day until);

/// The days on which a customer bought, ascending, as they stood at the end of each day (FOR-4): what is told later of an
/// order, a cancellation or a return, changes nothing. A correction does, since it says that what was told was never so: with those apart, a day is the same
/// whether or not the future is known.
///
/// Amounts and order lines of one day are added; an amount goes to `own` as in `purchases_of`, and a sum beyond 64 bits
/// is the nearest that fits. `facts` are one customer's, in any order. Complexity: facts log facts.
[[nodiscard]] PATRON_API std::vector<purchase_day> purchase_days_of(std::span<fact const> facts, currency own);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/purchase_days.ipp>
#endif
