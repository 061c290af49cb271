#include <patron/insight/impl/rank_update.hpp>

namespace patron::inline v1::insight::detail {

namespace {

#if defined(__x86_64__)

using four_lanes = double __attribute__((vector_size(32)));
using eight_lanes = double __attribute__((vector_size(64)));

[[gnu::target("avx2,fma")]] void by_four(double const* left, double const* right, std::size_t columns, std::size_t rows,
                                         std::size_t stride, double* sums) noexcept {
    rank_update_by<four_lanes>(left, right, columns, rows, stride, sums);
}
[[gnu::target("avx512f,avx512dq")]] void by_eight(double const* left, double const* right, std::size_t columns,
                                                  std::size_t rows, std::size_t stride, double* sums) noexcept {
    rank_update_by<eight_lanes>(left, right, columns, rows, stride, sums);
}

#endif

void by_two(double const* left, double const* right, std::size_t columns, std::size_t rows, std::size_t stride,
            double* sums) noexcept {
    rank_update_by<two_lanes>(left, right, columns, rows, stride, sums);
}

auto const widest = [] {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return by_eight;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return by_four;
#endif
    return by_two;
};

}  // namespace

void rank_update(double const* left, double const* right, std::size_t columns, std::size_t rows, std::size_t stride,
                 double* sums) noexcept {
    static auto* const best = widest();
    best(left, right, columns, rows, stride, sums);
}

}  // namespace patron::v1::insight::detail
