// A policy proposes; it does not answer. The diagnostic says what form the hook has.
#include <patron/policy/hooks.hpp>

using namespace patron;

struct festival_reward {
#if defined(PATRON_BREAK)
    bool reward(policy::context const&, policy::effects&) const { return true; }
#else
    void reward(policy::context const&, policy::effects&) const {}
#endif
};
using house = policy::policies<festival_reward>;
static_assert(sizeof(house) > 0);
