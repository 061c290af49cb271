// Policies composed, and the same calls written down: check_assembly.py compares the instructions of each pair.
#include <patron/policy/hooks.hpp>

#include <cstdint>
#include <optional>

using namespace patron;
using namespace patron::policy;

extern "C" void warn(effects& out);
extern "C" void cut(effects& out, std::int64_t amount);

namespace {

constexpr std::uint8_t grave = 4;

struct warns {
    void penalise(context const& c, effects& out) const {
        if (c.breach != nullptr && c.breach->severity < grave) warn(out);
    }
};
struct cuts {
    std::int64_t least = 100'00;
    void penalise(context const& c, effects& out) const {
        if (c.breach != nullptr && c.breach->severity >= grave && c.customer.state.limit > least) cut(out, least);
    }
};
struct triples {
    std::optional<std::int64_t> estimate(customer_view of, period) const {
        if (of.state.purchases < 1'000'00) return std::nullopt;
        return of.state.purchases * 3;
    }
};
struct floors {
    std::optional<std::int64_t> estimate(customer_view, period) const { return 5'000'00; }
};

}  // namespace

extern "C" void penalties_composed(context const& c, effects& out) { policies<warns, cuts>{}.penalise(c, out); }
extern "C" void penalties_written(context const& c, effects& out) {
    out.enter(effect_family::penalty);
    warns{}.penalise(c, out);
    cuts{}.penalise(c, out);
}

extern "C" std::int64_t wallet_composed(customer_view of, period last) {
    return policies<triples, floors>{}.estimate(of, last).value_or(0);
}
extern "C" std::int64_t wallet_written(customer_view of, period last) {
    auto known = triples{}.estimate(of, last);
    if (!known) known = floors{}.estimate(of, last);
    return known.value_or(0);
}
