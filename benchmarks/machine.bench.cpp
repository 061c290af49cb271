// Stepping the relationship machine against a hand-written switch and Boost.MSM, in one run over the same events.
//
// 20 million random events known at run time, each with its own random guards as one word of bits, which all
// rivals read. `one`: a single machine takes them all. `million`: they arrive for a million machines in random
// order. Built as users build it: -O3, no -march=native.
#include <patron/lifecycle/relationship.hpp>
#include <patron/machine/dynamic.hpp>
#include <patron/machine/step.hpp>

#include <benchmark/benchmark.h>

#define BOOST_MPL_CFG_NO_PREPROCESSED_HEADERS
#define BOOST_MPL_LIMIT_LIST_SIZE 30
#define BOOST_MPL_LIMIT_VECTOR_SIZE 30
#define FUSION_MAX_VECTOR_SIZE 20
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace {

namespace machine = patron::machine;
using relationship = patron::lifecycle::relationship;
using state = relationship::state;
using event = relationship::event;
using guard = relationship::guard;
static_assert(sizeof(state) == 1);

// --- the rivals ---------------------------------------------------------------------------------------------

bool holds(std::uint64_t guards, guard g) { return (guards >> static_cast<unsigned>(g) & 1U) != 0; }

/// What one writes by hand: the state first, then the event.
state next(state s, event e, std::uint64_t guards) {
    switch (s) {
        case state::prospect:
            switch (e) {
                case event::order_placed: return state::initial;
                case event::relationship_ended: return state::ended;
                default: return s;
            }
        case state::initial:
            switch (e) {
                case event::review_held:
                    if (holds(guards, guard::decline_confirmed)) return state::declining;
                    if (holds(guards, guard::main_supplier)) return state::stable;
                    return s;
                case event::relationship_ended: return state::ended;
                default: return s;
            }
        case state::stable:
            switch (e) {
                case event::agreement_signed: return holds(guards, guard::strategic_ready) ? state::strategic : s;
                case event::review_held:
                    if (holds(guards, guard::decline_confirmed)) return state::declining;
                    if (holds(guards, guard::strategic_ready)) return state::strategic;
                    return s;
                case event::relationship_ended: return state::ended;
                default: return s;
            }
        case state::strategic:
            switch (e) {
                case event::agreement_lapsed:
                    return holds(guards, guard::decline_confirmed) ? state::declining : state::stable;
                case event::review_held: return holds(guards, guard::decline_confirmed) ? state::declining : s;
                case event::relationship_ended: return state::ended;
                default: return s;
            }
        case state::declining:
            switch (e) {
                case event::review_held:
                    if (holds(guards, guard::silent)) return state::ended;
                    if (holds(guards, guard::recovered_to_strategic)) return state::strategic;
                    if (holds(guards, guard::recovered_to_stable)) return state::stable;
                    if (holds(guards, guard::recovered_to_initial)) return state::initial;
                    return s;
                case event::relationship_ended: return state::ended;
                default: return s;
            }
        case state::ended:
            switch (e) {
                case event::order_placed: return state::initial;
                case event::relationship_reopened: return state::prospect;
                default: return s;
            }
    }
    return s;
}

namespace msm {

namespace front = boost::msm::front;
using front::Row;

template <event>
struct on {
    std::uint64_t guards;
};

struct front_end : front::state_machine_def<front_end> {
    using no_exception_thrown = int;
    using no_message_queue = int;
    template <state>
    struct in : front::state<> {};
    template <guard G>
    struct when {
        template <class Event, class Machine, class Source, class Target>
        bool operator()(Event const& e, Machine&, Source&, Target&) const {
            return holds(e.guards, G);
        }
    };
    template <class From, class Event, class To, class When = front::none>
    using r = Row<From, Event, To, front::none, When>;

    using prospect = in<state::prospect>;
    using initial = in<state::initial>;
    using stable = in<state::stable>;
    using strategic = in<state::strategic>;
    using declining = in<state::declining>;
    using ended = in<state::ended>;
    using ordered = on<event::order_placed>;
    using agreed = on<event::agreement_signed>;
    using lapsed = on<event::agreement_lapsed>;
    using reviewed = on<event::review_held>;
    using finished = on<event::relationship_ended>;
    using reopened = on<event::relationship_reopened>;
    using initial_state = prospect;

    // of several rows for one event this library tries the last first
    struct transition_table
        : boost::mpl::vector<
              r<prospect, ordered, initial>, r<prospect, finished, ended>,
              r<initial, reviewed, stable, when<guard::main_supplier>>,
              r<initial, reviewed, declining, when<guard::decline_confirmed>>, r<initial, finished, ended>,
              r<stable, agreed, strategic, when<guard::strategic_ready>>,
              r<stable, reviewed, strategic, when<guard::strategic_ready>>,
              r<stable, reviewed, declining, when<guard::decline_confirmed>>, r<stable, finished, ended>,
              r<strategic, lapsed, stable>, r<strategic, lapsed, declining, when<guard::decline_confirmed>>,
              r<strategic, reviewed, declining, when<guard::decline_confirmed>>, r<strategic, finished, ended>,
              r<declining, reviewed, initial, when<guard::recovered_to_initial>>,
              r<declining, reviewed, stable, when<guard::recovered_to_stable>>,
              r<declining, reviewed, strategic, when<guard::recovered_to_strategic>>,
              r<declining, reviewed, ended, when<guard::silent>>, r<declining, finished, ended>,
              r<ended, ordered, initial>, r<ended, reopened, prospect>> {};

    template <class Machine, class Event>
    void no_transition(Event const&, Machine&, int) {}
};
using machine_type = boost::msm::back::state_machine<front_end>;

/// Whether `m` is in `S`; the library numbers the states by their place in its table.
template <class S>
bool is_in(machine_type const& m) {
    return *m.current_state() == boost::msm::back::get_state_id<machine_type::stt, S>::value;
}

state state_of(machine_type const& m) {
    if (is_in<front_end::prospect>(m)) return state::prospect;
    if (is_in<front_end::initial>(m)) return state::initial;
    if (is_in<front_end::stable>(m)) return state::stable;
    if (is_in<front_end::strategic>(m)) return state::strategic;
    if (is_in<front_end::declining>(m)) return state::declining;
    return state::ended;
}

void process(machine_type& m, event e, std::uint64_t guards) {
    switch (e) {
        case event::order_placed: m.process_event(on<event::order_placed>{guards}); break;
        case event::agreement_signed: m.process_event(on<event::agreement_signed>{guards}); break;
        case event::agreement_lapsed: m.process_event(on<event::agreement_lapsed>{guards}); break;
        case event::review_held: m.process_event(on<event::review_held>{guards}); break;
        case event::relationship_ended: m.process_event(on<event::relationship_ended>{guards}); break;
        case event::relationship_reopened: m.process_event(on<event::relationship_reopened>{guards}); break;
    }
}

}  // namespace msm

// --- what happens -------------------------------------------------------------------------------------------

constexpr std::size_t event_count = 20'000'000;
constexpr std::size_t machine_count = 1'000'000;

struct history {
    std::vector<machine::arrival<relationship>> arrivals;
    std::vector<std::uint8_t> guards;
};

history const& happened() {
    static history const h = [] {
        std::mt19937 random{20'260'302};
        history all;
        all.arrivals.resize(event_count);
        all.guards.resize(event_count);
        for (std::size_t k = 0; k < event_count; ++k) {
            all.arrivals[k] = {static_cast<std::uint32_t>(random() % machine_count),
                               static_cast<event>(random() % machine::count_of<event>)};
            all.guards[k] = static_cast<std::uint8_t>(random() & 0x7F);
        }
        return all;
    }();
    return h;
}

machine::guard_set<relationship> guards_at(history const& h, std::size_t k) {
    return machine::guard_set<relationship>::from_bits(h.guards[k]);
}

/// Every rival ends where the table says: a fast wrong answer is no baseline.
void same_end(benchmark::State& run, state got, state expected) {
    if (got != expected) run.SkipWithError("the rivals disagree");
}

state end_of_one() {
    static state const end = [] {
        state s = relationship::start;
        history const& h = happened();
        for (std::size_t k = 0; k < event_count; ++k)
            machine::step<relationship>(s, h.arrivals[k].event, [&](guard g) { return holds(h.guards[k], g); });
        return s;
    }();
    return end;
}

std::vector<state> const& end_of_million() {
    static std::vector<state> const end = [] {
        std::vector<state> all(machine_count, relationship::start);
        history const& h = happened();
        for (std::size_t k = 0; k < event_count; ++k)
            machine::step<relationship>(all[h.arrivals[k].machine], h.arrivals[k].event,
                                        [&](guard g) { return holds(h.guards[k], g); });
        return all;
    }();
    return end;
}

void count(benchmark::State& run, double bytes_each) {
    run.SetItemsProcessed(run.iterations() * static_cast<std::int64_t>(event_count));
    run.counters["bytes_each"] = bytes_each;
}

/// One machine that takes every event; `step(s, k)` steps it by the k-th.
template <class Step>
void one_state(benchmark::State& run, Step step) {
    state const expected = end_of_one();
    for (auto _ : run) {
        state s = relationship::start;
        for (std::size_t k = 0; k < event_count; ++k) step(s, k);
        benchmark::DoNotOptimize(s);
        same_end(run, s, expected);
    }
    count(run, sizeof(state));
}

void one_patron(benchmark::State& run) {
    history const& h = happened();
    one_state(run,
              [&](state& s, std::size_t k) { machine::step<relationship>(s, h.arrivals[k].event, guards_at(h, k)); });
}

void one_patron_asking(benchmark::State& run) {
    history const& h = happened();
    one_state(run, [&](state& s, std::size_t k) {
        machine::step<relationship>(s, h.arrivals[k].event, [&](guard g) { return holds(h.guards[k], g); });
    });
}

void one_switch(benchmark::State& run) {
    history const& h = happened();
    one_state(run, [&](state& s, std::size_t k) { s = next(s, h.arrivals[k].event, h.guards[k]); });
}

machine::dynamic loaded() { return machine::dynamic::make(machine::describe<relationship>()).value(); }

void one_dynamic(benchmark::State& run) {
    history const& h = happened();
    machine::dynamic const m = loaded();
    one_state(run, [&](state& s, std::size_t k) {
        auto byte = machine::to_integer(s);
        m.step(byte, static_cast<std::uint8_t>(h.arrivals[k].event),
               [&](std::uint8_t g) { return (h.guards[k] >> g & 1U) != 0; });
        s = static_cast<state>(byte);
    });
}

void one_msm(benchmark::State& run) {
    history const& h = happened();
    state const expected = end_of_one();
    for (auto _ : run) {
        msm::machine_type m;
        m.start();
        for (std::size_t k = 0; k < event_count; ++k) msm::process(m, h.arrivals[k].event, h.guards[k]);
        same_end(run, msm::state_of(m), expected);
    }
    count(run, sizeof(msm::machine_type));
}

/// A million machines; `all(states)` takes them through every event.
template <class All>
void million_states(benchmark::State& run, All all) {
    std::vector<state> const& expected = end_of_million();
    std::vector<state> states(machine_count);
    for (auto _ : run) {
        run.PauseTiming();
        std::fill(states.begin(), states.end(), relationship::start);
        run.ResumeTiming();
        all(states);
        benchmark::ClobberMemory();
    }
    if (states != expected) run.SkipWithError("the rivals disagree");
    count(run, sizeof(state));
}

void million_patron(benchmark::State& run) {
    history const& h = happened();
    million_states(run, [&](std::vector<state>& states) {
        machine::step_all<relationship>(states, std::span{h.arrivals}, [&](std::size_t k) { return guards_at(h, k); });
    });
}

void million_switch(benchmark::State& run) {
    history const& h = happened();
    million_states(run, [&](std::vector<state>& states) {
        for (std::size_t k = 0; k < event_count; ++k) {
            state& s = states[h.arrivals[k].machine];
            s = next(s, h.arrivals[k].event, h.guards[k]);
        }
    });
}

void million_msm(benchmark::State& run) {
    history const& h = happened();
    std::vector<state> const& expected = end_of_million();
    for (auto _ : run) {
        run.PauseTiming();
        std::vector<msm::machine_type> machines(machine_count);
        for (auto& m : machines) m.start();
        run.ResumeTiming();
        for (std::size_t k = 0; k < event_count; ++k)
            msm::process(machines[h.arrivals[k].machine], h.arrivals[k].event, h.guards[k]);
        benchmark::ClobberMemory();
        run.PauseTiming();
        for (std::size_t i = 0; i < machine_count; ++i) same_end(run, msm::state_of(machines[i]), expected[i]);
        machines = {};
        run.ResumeTiming();
    }
    count(run, sizeof(msm::machine_type));
}

BENCHMARK(one_patron)->Name("machine/one/patron")->Unit(benchmark::kMillisecond);
BENCHMARK(one_patron_asking)->Name("machine/one/patron_function")->Unit(benchmark::kMillisecond);
BENCHMARK(one_dynamic)->Name("machine/one/dynamic")->Unit(benchmark::kMillisecond);
BENCHMARK(one_switch)->Name("machine/one/switch")->Unit(benchmark::kMillisecond);
BENCHMARK(one_msm)->Name("machine/one/msm")->Unit(benchmark::kMillisecond);
BENCHMARK(million_patron)->Name("machine/million/patron")->Unit(benchmark::kMillisecond);
BENCHMARK(million_switch)->Name("machine/million/switch")->Unit(benchmark::kMillisecond);
BENCHMARK(million_msm)->Name("machine/million/msm")->Unit(benchmark::kMillisecond);

}  // namespace
