// Codes are stable identifiers that appear in files of every kind, so they have one form (BASE-9).
#include <patron/base/id.hpp>

#if defined(PATRON_BREAK)
constexpr patron::code reason{"FallingShare"};
#else
constexpr patron::code reason{"falling_share"};
#endif
static_assert(!reason.view().empty());
