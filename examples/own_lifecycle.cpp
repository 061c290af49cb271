// Can I model a lifecycle of my own? A leasing contract: checked when it compiles, stepped, exported.
#include <patron/machine/render.hpp>
#include <patron/machine/step.hpp>

#include <array>
#include <iostream>

using namespace patron;

// tag::machine[]
struct leasing {
    enum class state : std::uint8_t { offered, running, overdue, closed };
    enum class event : std::uint8_t { signed_, missed, paid, ended };
    enum class guard : std::uint8_t { in_grace };
    enum class action : std::uint8_t { remind };

    static constexpr std::string_view name = "leasing";
    static constexpr auto start = state::offered;
    static constexpr std::array finals{state::closed};
    static constexpr auto table = [] {
        using enum state;
        using enum event;
        using machine::from;
        return machine::table(from(offered).on(signed_).to(running),                      //
                              from(offered).on(missed, paid).ignored(),                   //
                              from(running).on(missed).when(guard::in_grace).stays(),     //
                              from(running).on(missed).does(action::remind).to(overdue),  //
                              from(running).on(paid).stays(),                             //
                              from(overdue).on(paid).to(running),                         //
                              from(overdue).on(missed).does(action::remind).stays(),      //
                              from(offered, running, overdue).on(ended).to(closed),       //
                              from(running, overdue).on(signed_).ignored(),               //
                              from(closed).on(signed_, missed, paid, ended).ignored());
    }();
};
static_assert(machine::sound<leasing>);  // every event answered, every state reachable, none a dead end
// end::machine[]

int main() {
    // tag::step[]
    auto contract = leasing::start;  // one byte, yours
    auto const tell = [&](leasing::event event, machine::guard_set<leasing> guards = {}) {
        auto const outcome = machine::step<leasing>(contract, event, guards);
        std::cout << machine::name_of(event) << ": " << machine::name_of(outcome.from) << " -> "
                  << machine::name_of(contract);
        if (outcome.kind == machine::answer::ignored) std::cout << ", ignored on purpose";
        if (auto const first = outcome.refused_by()) std::cout << ", not " << machine::name_of(*first);
        if (auto const todo = outcome.action()) std::cout << ", now " << machine::name_of(*todo);
        std::cout << '\n';
    };
    tell(leasing::event::paid);
    tell(leasing::event::signed_);
    tell(leasing::event::missed, {leasing::guard::in_grace});
    tell(leasing::event::missed);
    tell(leasing::event::paid);
    // end::step[]

    std::cout << "\nanswered while running:";
    for (auto const event : machine::allowed<leasing>(leasing::state::running))
        std::cout << ' ' << machine::name_of(event);
    std::cout << "\n\n";

    // tag::export[]
    std::cout << machine::render(machine::describe<leasing>(), machine::format::mermaid);
    // end::export[]
}
