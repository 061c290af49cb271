// a machine is not stepped by another machine's event
#include <patron/machine/step.hpp>

namespace machine = patron::machine;
using machine::from;

struct door {
    enum class state : std::uint8_t { shut, open };
    enum class event : std::uint8_t { push, pull };
    static constexpr std::string_view name = "door";
    static constexpr auto start = state::shut;
    static constexpr auto table = machine::table(
        from(state::shut).on(event::push).to(state::open), from(state::open).on(event::pull).to(state::shut),
        from(state::shut).on(event::pull).ignored(), from(state::open).on(event::push).ignored());
};
static_assert(machine::sound<door>);
enum class other : std::uint8_t { push };

#ifdef PATRON_BREAK
static_assert(machine::can<door>(door::state::shut, other::push));
#else
static_assert(machine::can<door>(door::state::shut, door::event::push));
#endif
