/// A believable feed of facts, the same for the same seed: for samples, demonstrations and tests of volume.
#pragma once
#include <patron/base/currency.hpp>
#include <patron/base/date.hpp>
#include <patron/fact/fact.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace patron::inline v1::testing {

/// What to simulate.
struct simulation_options {
    std::uint32_t customers = 100;  ///< at least 1
    int months = 24;                ///< calendar months, at least 1
    std::uint64_t seed = 1;         ///< any number; another one gives another book
    period from = period{std::chrono::year{2024}, std::chrono::January};  ///< the first month
    currency in = currency::literal("CNY");                               ///< of every amount; not *own*
    int activity_percent = 100;  ///< how often customers order, 10 … 1 000, against the usual 7 to 90 days
    bool reviews = false;        ///< adds a `review_held` at each month's end
};

/// A supplier's customers over some months: their life courses, their trade with us and what is told of them.
///
/// Sizes are heavy-tailed, trade has seasons, and every customer keeps a rhythm of its own. Courses: prospects
/// that are never won, or won late; steady small and main customers; growth to main supplier and to a strategic
/// agreement; stagnation; decline into silence; recovery after a complaint is handled; breaks by either side,
/// some of them won back. The facts agree with one another: what is cancelled, delivered, invoiced and paid is
/// open at that time, persons leave whom we knew, only what ended is reopened, stocks add up.
///
/// Facts come in the order of their dates, and none lies after the last day of the last month. Each has a
/// reference that no other has; an order's is its number. All arithmetic is on integers with a random source
/// of its own, so that every platform gives the same facts.
///
/// Complexity: memory grows with customers, not with facts. Thread safety: one thread at a time per object.
class simulation {
public:
    /// Precondition: the options are within their stated ranges, and all months within 1900-01 … 2199-12.
    PATRON_API explicit simulation(simulation_options options);
    PATRON_API simulation(simulation&&) noexcept;
    PATRON_API simulation& operator=(simulation&&) noexcept;
    PATRON_API ~simulation();

    /// The next fact, or nothing when the last month is over.
    [[nodiscard]] PATRON_API std::optional<fact> next();

private:
    struct world;
    std::unique_ptr<world> world_;
};

}  // namespace patron::v1::testing

#if defined(PATRON_HEADER_ONLY)
#    include <patron/testing/impl/simulation.ipp>
#endif
