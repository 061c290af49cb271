#pragma once
#include <patron/engine/fold.hpp>

namespace patron::inline v1::detail {

/// Assesses as the embedder wants it, or as patron does.
inline lifecycle::assessment assess_by(fold_rules const& how, customer_view view, day_number on, bool review) {
    if (how.assessor != nullptr && *how.assessor) return (*how.assessor)(view, how.rules, on, review);
    return lifecycle::assess(view, how.rules, on, review);
}

}  // namespace patron::v1::detail
