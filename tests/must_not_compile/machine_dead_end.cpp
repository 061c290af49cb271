// a state that nothing leads out of must be named as final
#include <patron/machine/checks.hpp>

namespace machine = patron::machine;
using machine::from;

struct leasing {
    enum class state : std::uint8_t { offered, running, closed };
    enum class event : std::uint8_t { signed_, ended };
    enum class guard : std::uint8_t { paid };
    static constexpr std::string_view name = "leasing";
    static constexpr auto start = state::offered;
    static constexpr std::array finals{state::closed};
    static constexpr auto table = machine::table(from(state::offered).on(event::signed_).to(state::running),
                                                 from(state::offered).on(event::ended).to(state::closed),
                                                 from(state::running).on(event::signed_).ignored(),
#ifdef PATRON_BREAK
                                                 from(state::running).on(event::ended).ignored(),
#else
                                                 from(state::running)
                                                     .on(event::ended)
                                                     .when(guard::paid)
                                                     .to(state::closed),
#endif
                                                 from(state::closed).on(event::signed_, event::ended).ignored());
};
static_assert(machine::sound<leasing>);
