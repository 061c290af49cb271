// An amount with more decimal digits than its currency has is no amount (BASE-1): nothing is rounded.
#include <patron/base/money.hpp>

using namespace patron::literals;

#if defined(PATRON_BREAK)
constexpr auto amount = 1.005_CNY;
#else
constexpr auto amount = 1.00_CNY;
#endif
static_assert(amount.minor_units() == 100);
