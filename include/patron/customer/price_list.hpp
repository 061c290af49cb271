/// The supplier's price list: what one unit of a product costs in a channel, from which day on (POW-6).
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/money.hpp>
#include <patron/fact/vocabulary.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// A price of the list.
struct list_price {
    money price{};                 ///< of one unit, net; in *own* currency where the list names none
    std::optional<money> floor{};  ///< the least that the product may be resold for; nothing: none was set
    moment from{};                 ///< it holds from this day until that of the next

    friend bool operator==(list_price const&, list_price const&) = default;
};

/// All prices that were ever told, by product, channel and day.
///
/// A price holds from its day, all of that day, until the day of the next for the same product and channel. It does not
/// matter in which order prices are told: a price that is told late fills in its own days alone. Of two of one day the later
/// moment stands, of two of one moment the one told last.
///
/// Each telling has a number, and the list can be read as it was after any of them: what was judged by it can be judged
/// again with the same result, whatever was told since. Thread safety: as a plain value.
class price_list {
public:
    /// Reads the list with all that was told.
    static constexpr std::uint32_t latest = UINT32_MAX;

    /// Takes a price as telling `number`. Precondition: no earlier telling has a higher number.
    /// Complexity: linear in the prices of the product in the channel.
    PATRON_API void tell(supply_price_set const& told, std::uint32_t number);
    /// The same as the next telling.
    void tell(supply_price_set const& told) { tell(told, told_ + 1); }

    /// Puts other content in place of the price that came with the reference: from telling `number` on the old one was never
    /// there. False when there is none of that reference. Precondition: no earlier telling has a higher number.
    PATRON_API bool correct(std::string_view ref, supply_price_set const& corrected, std::uint32_t number);

    /// The price of that day; null when none holds. It lives until the list changes.
    /// Complexity: logarithmic in products and channels, and linear in what was told of the two after the day.
    [[nodiscard]] PATRON_API list_price const* find(std::string_view product, std::string_view channel, day on,
                                                    std::uint32_t as_of_telling = latest) const;

    /// The price that came with the reference, as corrected.
    [[nodiscard]] PATRON_API std::optional<supply_price_set> told_by(std::string_view ref) const;

    /// The number of the last telling; zero before the first.
    [[nodiscard]] std::uint32_t last_telling() const noexcept { return told_; }
    [[nodiscard]] bool empty() const noexcept { return products_.empty(); }

private:
    struct entry {
        list_price content{};
        std::string ref{};
        std::uint32_t told = 0;
        std::uint32_t replaced = latest;  ///< by a correction; latest: it stands
    };
    using channels = std::map<std::string, std::vector<entry>, std::less<>>;

    std::map<std::string, channels, std::less<>> products_;  ///< entries by moment, then telling
    std::uint32_t told_ = 0;
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/price_list.ipp>
#endif
