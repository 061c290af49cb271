// There is no effect on the supply price: it is the same for every distributor (POW-6).
#include <patron/customer/effect_code.hpp>

using namespace patron;

#if defined(PATRON_BREAK)
constexpr auto given = effect_code::price_cut;
#else
constexpr auto given = effect_code::promotion_support;
#endif
static_assert(family_of(given) == effect_family::reward);
