/// Scores of many customers at once (FOR-1): a book of millions every night, on one thread.
#pragma once
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/pareto_nbd.hpp>

#include <cstdint>
#include <span>

namespace patron::inline v1::insight {

/// Purchase summaries by column, as `purchase_summary` has them: x, t_x and T of customer i stand at i.
struct summary_columns {
    std::span<std::uint32_t const> x;
    std::span<double const> t_x;
    std::span<double const> T;
};

/// How scores are made.
enum class score_path : std::uint8_t {
    widest,  ///< with the widest vectors that the processor and the build have
    scalar,  ///< one by one, the same everywhere
};

// Scores go to `out`, one a customer. Both paths, and the functions for one customer, differ by less than 1e-11 of a score,
// which is nothing once a score is rounded to 6 decimals. A score depends on its own customer alone, not on what stands
// beside it. Preconditions on models and rows: as for the functions of one customer; they are not checked.
// Errors: errc::out_of_range where the columns and `out` are not of one length; nothing is written then.
// Complexity: linear. Thread safety: yes, for parts of a book too. BG/NBD and MBG/NBD: 2 to 4 ns a P(alive).

/// The chance that each customer is active.
[[nodiscard]] PATRON_API result<void> p_alive(bg_nbd const& model, summary_columns const& of, std::span<double> out,
                                              score_path how = score_path::widest);
[[nodiscard]] PATRON_API result<void> p_alive(mbg_nbd const& model, summary_columns const& of, std::span<double> out,
                                              score_path how = score_path::widest);
[[nodiscard]] PATRON_API result<void> p_alive(pareto_nbd const& model, summary_columns const& of, std::span<double> out,
                                              score_path how = score_path::widest);

/// Purchases to expect of each customer in the next `horizon` units. BG/NBD and MBG/NBD interpolate in ln(alpha + T)
/// between values of the function for one customer, for each x by itself.
[[nodiscard]] PATRON_API result<void> expected_purchases(bg_nbd const& model, summary_columns const& of, double horizon,
                                                         std::span<double> out, score_path how = score_path::widest);
[[nodiscard]] PATRON_API result<void> expected_purchases(mbg_nbd const& model, summary_columns const& of,
                                                         double horizon, std::span<double> out,
                                                         score_path how = score_path::widest);
[[nodiscard]] PATRON_API result<void> expected_purchases(pareto_nbd const& model, summary_columns const& of,
                                                         double horizon, std::span<double> out,
                                                         score_path how = score_path::widest);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/scores.ipp>
#endif
