// Fitting buy-till-you-die models, and scoring a million customers, on one thread.
//
// Each is set against a plain loop in the same run, and against the times that Python needs, as constants: lifetimes
// 0.11.3, or numpy 1.24 for a million scores, on two cores of the same kind, the shortest of several runs. Fits need the
// public CDNOW data beside the project, and are left out without them.
#include <patron/customer/order_monitors.hpp>
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/forecast.hpp>
#include <patron/insight/pareto_nbd.hpp>
#include <patron/insight/purchase_summary.hpp>
#include <patron/insight/scores.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace patron;
using namespace patron::insight;

/// Seconds that Python needs.
namespace python {
constexpr double fit_bgnbd_sample = 0.0769;       // lifetimes
constexpr double fit_bgnbd_full = 0.411;          // lifetimes
constexpr double fit_mbgnbd_sample = 0.0741;      // lifetimes
constexpr double fit_mbgnbd_full = 0.692;         // lifetimes
constexpr double fit_paretonbd_sample = 0.523;    // lifetimes
constexpr double fit_paretonbd_full = 13.2;       // lifetimes
constexpr double million_p_alive = 0.0147;        // numpy
constexpr double million_expected = 0.290;        // numpy with scipy's hyp2f1
constexpr double million_p_alive_pareto = 0.464;  // lifetimes
}  // namespace python

/// How many times an iteration is quicker than so many seconds.
void compare_with(benchmark::State& state, double seconds) {
    state.counters["times_python"] = benchmark::Counter(seconds, benchmark::Counter::kIsIterationInvariantRate);
}

using customers = std::vector<purchase_summary>;

std::filesystem::path const data = std::filesystem::path{PATRON_SOURCE_DIR} / "../shared/data/cdnow";

customers read(bool sample) {
    std::ifstream file{data / (sample ? "CDNOW_sample.txt" : "CDNOW_master.txt")};
    std::string line;
    if (!sample) std::getline(file, line);
    std::map<std::string, std::vector<day>> all;
    while (std::getline(file, line)) {
        std::istringstream cells{line};
        std::string id, ignored;
        int date = 0;
        cells >> id;
        if (sample) cells >> ignored;
        cells >> date;
        all[id].emplace_back(std::chrono::year{date / 10'000} / (date / 100 % 100) / (date % 100));
    }
    customers out;
    constexpr day until{std::chrono::year{1997} / 9 / 30};
    for (auto const& [id, days] : all) {
        if (auto const one = summary_of(days, until, time_unit::week)) out.push_back(*one);
    }
    if (out.size() != (sample ? 2'357U : 23'570U)) std::abort();
    return out;
}
customers const& sample() {
    static customers const all = read(true);
    return all;
}
customers const& full() {
    static customers const all = read(false);
    return all;
}

template <class Fit>
void fit(benchmark::State& state, customers const& rows, Fit const& by, double python) {
    for (auto _ : state) {
        auto const found = by(rows);
        if (!found || !found.value().converged) std::abort();
        benchmark::DoNotOptimize(found.value().log_likelihood);
    }
    compare_with(state, python);
}
/// One pass of the likelihood over every customer, without derivatives.
template <class Model>
void likelihood(benchmark::State& state, customers const& rows, Model const& model) {
    for (auto _ : state) {
        double sum = 0;
        for (auto const& row : rows) sum += log_likelihood(model, row);
        benchmark::DoNotOptimize(sum);
    }
}

/// A million customers: two in five came once, the others up to some hundreds of times, within four years.
struct million {
    std::vector<std::uint32_t> x;
    std::vector<double> t_x;
    std::vector<double> T;
    std::vector<double> out;

    million() : out(1'000'000) {
        std::mt19937_64 from{1};
        auto const uniform = [&] { return static_cast<double>(from() >> 11U) / 9007199254740992.0; };
        for (std::size_t i = 0; i < out.size(); ++i) {
            x.push_back(uniform() < 0.4 ? 0 : static_cast<std::uint32_t>(std::exp(6 * uniform() * uniform())));
            T.push_back(std::floor(1 + uniform() * 1'460) / 7);
            t_x.push_back(x.back() == 0 ? 0 : T.back() * uniform());
        }
    }
    [[nodiscard]] summary_columns columns() const { return {x, t_x, T}; }
};
million& book() {
    static million all;
    return all;
}

constexpr bg_nbd bg{0.243, 4.414, 0.793, 2.426};
constexpr pareto_nbd pareto{0.553, 10.578, 0.606, 11.669};

template <class Score>
void each_of_million(benchmark::State& state, Score const& score, double python) {
    auto& all = book();
    for (auto _ : state) {
        score(all);
        benchmark::ClobberMemory();
    }
    compare_with(state, python);
}
void p_alive_by_columns(benchmark::State& state) {
    each_of_million(state, [](million& all) { p_alive(bg, all.columns(), all.out).value(); }, python::million_p_alive);
}
void p_alive_by_loop(benchmark::State& state) {
    // the formula written down, as a program without the library would
    each_of_million(
        state,
        [](million& all) {
            for (std::size_t i = 0; i < all.out.size(); ++i) {
                double const x = all.x[i];
                auto const odds =
                    bg.a / (bg.b + x - 1) * std::pow((bg.alpha + all.T[i]) / (bg.alpha + all.t_x[i]), bg.r + x);
                all.out[i] = all.x[i] == 0 ? 1 : 1 / (1 + odds);
            }
        },
        python::million_p_alive);
}
void expected_by_columns(benchmark::State& state) {
    each_of_million(
        state, [](million& all) { expected_purchases(bg, all.columns(), 39, all.out).value(); },
        python::million_expected);
}
void expected_by_loop(benchmark::State& state) {
    each_of_million(
        state,
        [](million& all) {
            for (std::size_t i = 0; i < all.out.size(); ++i) {
                all.out[i] = expected_purchases(bg, {.x = all.x[i], .t_x = all.t_x[i], .T = all.T[i]}, 39);
            }
        },
        python::million_expected);
}
void pareto_by_columns(benchmark::State& state) {
    each_of_million(
        state, [](million& all) { p_alive(pareto, all.columns(), all.out).value(); }, python::million_p_alive_pareto);
}
void pareto_by_loop(benchmark::State& state) {
    each_of_million(
        state,
        [](million& all) {
            for (std::size_t i = 0; i < all.out.size(); ++i) {
                all.out[i] = p_alive(pareto, {.x = all.x[i], .t_x = all.t_x[i], .T = all.T[i]});
            }
        },
        python::million_p_alive_pareto);
}

/// A customer's forecast: mean, 80 % and 95 % ranges of purchases and of their worth, thirteen weeks ahead.
constexpr mbg_nbd mbg{0.525, 6.183, 0.891, 1.614};
constexpr gamma_gamma spending{6.25, 3.74, 15.44};
constexpr double quarter = 13;

struct one_of_million {
    purchase_summary bought;
    spend_summary spent;

    explicit one_of_million(std::size_t i)
        : bought{.x = book().x[i], .t_x = book().t_x[i], .T = book().T[i]},
          spent{.x = bought.x + 1, .mean = 20.0 + static_cast<double>(i % 50)} {}
};
void count(benchmark::State& state, std::size_t forecasts) {
    // of 10^-6: a customer's microseconds
    state.counters["us_a_customer"] =
        benchmark::Counter(static_cast<double>(forecasts) * 1e-6,
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
void forecast_by_law(benchmark::State& state) {
    auto const size = book().x.size();
    for (auto _ : state) {
        double sum = 0;
        for (std::size_t i = 0; i < size; ++i) {
            one_of_million const one{i};
            sum += forecast_of(mbg, spending, one.bought, one.spent, quarter).amount.within_80.high;
        }
        benchmark::DoNotOptimize(sum);
    }
    count(state, size);
}
/// The same by a thousand futures for each customer, sorted: what a program without the law does. Of fewer customers.
void forecast_by_simulation(benchmark::State& state) {
    constexpr std::size_t size = 2'000;
    constexpr std::size_t futures = 1'000;
    std::mt19937_64 from{1};
    std::vector<double> amounts(futures);
    for (auto _ : state) {
        double sum = 0;
        for (std::size_t i = 0; i < size; ++i) {
            one_of_million const one{i};
            auto const alive = p_alive(mbg, one.bought);
            std::gamma_distribution<> rates{mbg.r + one.bought.x, 1 / (mbg.alpha + one.bought.T)};
            std::gamma_distribution<> drops_a{mbg.a};
            std::gamma_distribution<> drops_b{mbg.b + one.bought.x + 1};
            std::gamma_distribution<> inverse{spending.q + spending.p * one.spent.x,
                                              1 / (spending.gamma + one.spent.x * one.spent.mean)};
            std::gamma_distribution<> amount{spending.p};
            std::uniform_real_distribution<> uniform;
            for (auto& total : amounts) {
                total = 0;
                if (uniform(from) > alive) continue;
                auto const rate = rates(from);
                auto const a = drops_a(from);
                auto const drop = a / (a + drops_b(from));
                auto const scale = 1 / inverse(from);
                for (double at = 0;;) {
                    at -= std::log1p(-uniform(from)) / rate;
                    if (at > quarter) break;
                    total += scale * amount(from);
                    if (uniform(from) < drop) break;
                }
            }
            std::sort(amounts.begin(), amounts.end());
            sum += amounts[futures * 9 / 10];
        }
        benchmark::DoNotOptimize(sum);
    }
    count(state, size);
}
BENCHMARK(forecast_by_law)->Name("insight/forecast/million")->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(forecast_by_simulation)->Name("insight/forecast/simulation")->Iterations(1)->Unit(benchmark::kMillisecond);
/// An order of each of a thousand customers, whose monitors stay in the caches as on the hot path.
void monitors_of_an_order(benchmark::State& state) {
    struct order {
        std::int32_t gap_days;
        std::int64_t minor_units;
        std::size_t lines;
    };
    std::mt19937 random{1};
    std::vector<order> orders(4'096);
    for (auto& o : orders) {
        o = {.gap_days = 1 + static_cast<std::int32_t>(random() % 90),
             .minor_units = 1 + static_cast<std::int64_t>(random() % 10'000'000),
             .lines = 1 + random() % 20};
    }
    std::vector<order_monitors> customers(1'000);
    std::size_t next = 0;
    for (auto _ : state) {
        for (auto& monitors : customers) {
            auto const& o = orders[next++ % orders.size()];
            monitors.came_back_after(o.gap_days);
            monitors.ordered(o.minor_units, o.lines);
        }
        benchmark::ClobberMemory();
    }
    state.counters["ns"] =
        benchmark::Counter(static_cast<double>(customers.size()) / 1e9,
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
/// What the least monitor would cost: a mean gap, and a mean amount.
void means_of_an_order(benchmark::State& state) {
    struct means {
        std::int64_t gaps = 0;
        std::int64_t days = 0;
        std::int64_t orders = 0;
        std::int64_t minor_units = 0;
    };
    std::mt19937 random{1};
    std::vector<std::pair<std::int32_t, std::int64_t>> orders(4'096);
    for (auto& [gap, amount] : orders) {
        gap = 1 + static_cast<std::int32_t>(random() % 90);
        amount = 1 + static_cast<std::int64_t>(random() % 10'000'000);
    }
    std::vector<means> customers(1'000);
    std::size_t next = 0;
    for (auto _ : state) {
        for (auto& m : customers) {
            auto const& [gap, amount] = orders[next++ % orders.size()];
            ++m.gaps;
            m.days += gap;
            ++m.orders;
            m.minor_units += amount;
        }
        benchmark::ClobberMemory();
    }
}

BENCHMARK(monitors_of_an_order)->Name("insight/monitors/order");
BENCHMARK(means_of_an_order)->Name("insight/monitors/means");
BENCHMARK(p_alive_by_columns)->Name("insight/p_alive/columns")->Unit(benchmark::kMillisecond);
BENCHMARK(p_alive_by_loop)->Name("insight/p_alive/loop")->Unit(benchmark::kMillisecond);
BENCHMARK(expected_by_columns)->Name("insight/expected/columns")->Unit(benchmark::kMillisecond);
BENCHMARK(expected_by_loop)->Name("insight/expected/loop")->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_by_columns)->Name("insight/p_alive_pareto/columns")->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_by_loop)->Name("insight/p_alive_pareto/loop")->Unit(benchmark::kMillisecond);

[[maybe_unused]] bool const fits_are_there = [] {
    if (!std::filesystem::exists(data)) return false;
    auto const add = [](char const* name, auto const& run) {
        benchmark::RegisterBenchmark(name, run)->Unit(benchmark::kMillisecond);
    };
    add("insight/fit/bgnbd/sample",
        [](benchmark::State& s) { fit(s, sample(), fit_bg_nbd, python::fit_bgnbd_sample); });
    add("insight/fit/bgnbd/full", [](benchmark::State& s) { fit(s, full(), fit_bg_nbd, python::fit_bgnbd_full); });
    add("insight/fit/mbgnbd/sample",
        [](benchmark::State& s) { fit(s, sample(), fit_mbg_nbd, python::fit_mbgnbd_sample); });
    add("insight/fit/mbgnbd/full", [](benchmark::State& s) { fit(s, full(), fit_mbg_nbd, python::fit_mbgnbd_full); });
    add("insight/fit/paretonbd/sample",
        [](benchmark::State& s) { fit(s, sample(), fit_pareto_nbd, python::fit_paretonbd_sample); });
    add("insight/fit/paretonbd/full",
        [](benchmark::State& s) { fit(s, full(), fit_pareto_nbd, python::fit_paretonbd_full); });
    add("insight/likelihood/bgnbd/full", [](benchmark::State& s) { likelihood(s, full(), bg); });
    add("insight/likelihood/paretonbd/full", [](benchmark::State& s) { likelihood(s, full(), pareto); });
    return true;
}();

}  // namespace
