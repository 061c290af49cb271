// Customers with a limit, in a stored book.
#pragma once
#include <patron/store/stored_book.hpp>

#include <catch2/catch_test_macros.hpp>

#include "engine/stories.hpp"

#include <optional>
#include <string>
#include <utility>

namespace patron::tests {

/// Enrols a customer, below a group or not, with its limit.
inline void begin(store::stored_book& book, std::string const& customer, money limit,
                  std::optional<std::string> parent = {}) {
    auto known = enrolled(on(2025, 1, 1), customer);
    known.parent = std::move(parent);
    auto f = fact_at<limit_set>(on(2025, 1, 1), customer);
    f.amount = limit;
    REQUIRE(book.apply(fact{named("known " + customer, known)}).has_value());
    REQUIRE(book.apply(fact{named("limit " + customer, f)}).has_value());
}

}  // namespace patron::tests
