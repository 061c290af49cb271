#pragma once
#include <patron/base/currency.hpp>

#include <ostream>

namespace patron::inline v1 {

PATRON_FN std::ostream& operator<<(std::ostream& out, currency c) { return out << (c.is_own() ? "own" : c.code()); }

}  // namespace patron::v1
