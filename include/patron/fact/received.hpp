/// One row of a feed, on its way to the engine.
#pragma once
#include <patron/fact/fact.hpp>

#include <cstdint>

namespace patron::inline v1 {

/// A row: its fact, or why it is none. A fact in here has passed `validate`.
struct received {
    std::uint64_t line = 0;  ///< where the row begins in its source, counted from 1; 0: no source
    result<fact> content;
};

}  // namespace patron::v1
