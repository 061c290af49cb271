// A policy that changes itself would not replay: its hooks are const.
#include <patron/policy/hooks.hpp>

using namespace patron;

struct counts_grants {
    int granted = 0;
#if defined(PATRON_BREAK)
    void penalise(policy::context const&, policy::effects&) { ++granted; }
#else
    void penalise(policy::context const&, policy::effects&) const {}
#endif
};
using house = policy::policies<counts_grants>;
static_assert(sizeof(house) > 0);
