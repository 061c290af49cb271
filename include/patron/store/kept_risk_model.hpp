/// What early warning has learnt of a book, kept in the book's store (RET-4).
#pragma once
#include <patron/engine/event_store.hpp>
#include <patron/insight/risk_model.hpp>

#include <optional>

namespace patron::inline v1::store {

/// Keeps a model, durably, beside those of other month ends and horizons; it takes the place of one that was made on the
/// same day for the same horizon. Errors: those of the store. Thread safety: that of the store.
[[nodiscard]] PATRON_API result<void> keep_risk_model(any_event_store& in, insight::risk_model const& model);

/// The model that was kept for a horizon in days and a month end; nothing where none was.
///
/// It is of what was known when it was made: facts that came late since are not in it. It scores: by insight::risks_of, or an
/// insight::early_warning that has it in its memory and is told of purchases. To go on learning takes all of
/// insight::early_warning_memory: the end of a month makes a model anew.
/// Errors: those of the store; errc::damaged for a text that is no model, or another one; errc::newer_format for one that a later release
/// has kept. Complexity: that of one read of a few kilobytes. Thread safety: that of the store.
[[nodiscard]] PATRON_API result<std::optional<insight::risk_model>> kept_risk_model(any_event_store& in,
                                                                                    int horizon_days, day made_on);

}  // namespace patron::v1::store
