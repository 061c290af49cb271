// Who is slipping away: the risk of no order in the next quarter, learnt from a book's own past, and why.
#include <patron/insight/early_warning.hpp>
#include <patron/insight/evaluation.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::insight;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

day const start{2023y / 1 / 2};
day const today{2025y / 6 / 30};

/// Sixty customers, numbered by their first purchase, with even rhythms from weekly to every nine weeks; each fourth
/// stopped some time ago, each ninth pauses in winter.
std::vector<std::vector<purchase_day>> bought() {
    std::vector<std::vector<purchase_day>> all(60);
    for (int c = 0; c < 60; ++c) {
        auto const gap = 7 + c;
        auto const stops = c % 4 == 0 ? 300 + 37 * c % 560 : 910;
        for (int on = c; on < stops; on += gap - 3 + (on * 7 + c) % 7) {
            auto const month = period{start + std::chrono::days{on}}.month();
            if (on > c && c % 9 == 0 && (month <= std::chrono::February || month == std::chrono::December)) continue;
            all[static_cast<std::size_t>(c)].push_back({.on = start + std::chrono::days{on}, .amount = 900.00_CNY});
        }
    }
    return all;
}

}  // namespace

int main() {
    // tag::learn[]
    auto const stream = purchase_stream::of(bought()).value();
    early_warning detector{{.horizon_days = 91}};
    tell(detector, stream, today);
    // end::learn[]
    std::printf("learnt from %u month ends: %llu times an order came, %llu times none\n", detector.model().months,
                static_cast<unsigned long long>(detector.model().ordered),
                static_cast<unsigned long long>(detector.model().silent));

    // tag::explain[]
    for (std::uint32_t customer : {1U, 28U, 44U}) {
        auto const why = detector.explain(today, customer);
        std::printf("customer %u: risk %.2f", customer, why.risk);
        for (std::size_t i = 0; i < 2 && i < why.contributions.size(); ++i) {
            auto const& part = why.contributions[i];
            std::printf(", %s %+.1f", std::string{name_of(part.feature)}.c_str(), part.log_odds);
        }
        std::printf("\n");
    }
    // end::explain[]

    // tag::judge[]
    evaluation_protocol const protocol{.horizon_days = 91};
    auto const ends = month_ends(stream, today, protocol).value();
    early_warning fresh{{.horizon_days = 91}};
    auto const figures = figures_of(scores_of(fresh, stream, ends, protocol), stream, protocol);
    auto const make = [](purchase_stream const&) { return early_warning{{.horizon_days = 91}}; };
    std::printf("%zu month ends: AUC %.3f, %s\n", ends.size(), figures.mean.auc.value(),
                find_leak(make, stream, ends, protocol) ? "it knows the future" : "and nothing of the future in it");
    // end::judge[]
}
