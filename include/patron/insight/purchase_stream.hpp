/// The purchases of a whole book in the order in which they became known (FOR-4).
#pragma once
#include <patron/base/result.hpp>
#include <patron/insight/risk_detector.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace patron::inline v1::insight {

/// Every purchase of a book by ascending day; its customers are numbered by their first purchase.
class purchase_stream {
public:
    /// One purchase of a customer, by its number.
    struct purchase {
        std::uint32_t customer = 0;
        purchase_day bought{};

        friend bool operator==(purchase const&, purchase const&) = default;
    };

    purchase_stream() = default;
    /// Of customers whose purchases stand by themselves, each in any order; amounts and lines of one day are added.
    /// First purchases of one day number their customers in the order of `customers`. Whoever never bought has no
    /// number. Errors: errc::out_of_range, with the customer's position, for a sum beyond 64 bits or two currencies of
    /// one customer and day. Complexity: n log n.
    [[nodiscard]] PATRON_API static result<purchase_stream> of(std::span<std::vector<purchase_day> const> customers);

    [[nodiscard]] std::span<purchase const> purchases() const noexcept { return purchases_; }
    /// The position in `of` of each numbered customer.
    [[nodiscard]] std::span<std::size_t const> positions() const noexcept { return positions_; }
    [[nodiscard]] std::size_t customers() const noexcept { return positions_.size(); }
    [[nodiscard]] bool empty() const noexcept { return purchases_.empty(); }
    /// The day of the first purchase, and of the last. Precondition: not empty.
    [[nodiscard]] day first() const noexcept { return purchases_.front().bought.on; }
    [[nodiscard]] day last() const noexcept { return purchases_.back().bought.on; }

    /// What was known at the end of that day: the same customers have the same numbers. Complexity: linear.
    [[nodiscard]] PATRON_API purchase_stream until(day last) const;

private:
    std::vector<purchase> purchases_;
    std::vector<std::size_t> positions_;
};

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/purchase_stream.ipp>
#endif
