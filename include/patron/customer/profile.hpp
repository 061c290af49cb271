/// Who the customer is (ARC-1).
#pragma once
#include <patron/fact/vocabulary.hpp>

#include <optional>
#include <string_view>

namespace patron::inline v1 {

/// What enrolment told of a customer; the views live as long as the book and until its next change.
struct customer_profile {
    std::string_view code;
    std::string_view name;  ///< the code itself where no name is known
    std::optional<customer_kind> kind;
    std::string_view parent;  ///< code of the group; empty without one
    std::string_view region;
    std::string_view territory;
    std::string_view owner;
    std::string_view channel;
    std::optional<int> terms_days;
};

}  // namespace patron::v1
