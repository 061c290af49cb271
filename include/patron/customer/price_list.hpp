/// The supplier's price list: what one unit of a product costs in a channel, from which day on (POW-6).
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/money.hpp>
#include <patron/fact/vocabulary.hpp>

#include <functional>
#include <map>
#include <optional>
#include <span>
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
/// A price holds from its day, all of that day, until the day of the next for the same product, channel and currency: a
/// product may have a price in each of several currencies. It does not
/// matter in which order prices are told: one that is told late fills in its own days alone. Of two of one day the later
/// moment stands, of two of one moment the one told last. What was judged by the list before is not judged again.
/// Thread safety: as a plain value.
class price_list {
public:
    /// Takes a price. Complexity: linear in the prices of the product in the channel.
    PATRON_API void tell(supply_price_set const& told);

    /// Puts other content in place of the price that came with the reference, as if it had never been another.
    /// False when there is none of that reference. Complexity: linear in all prices.
    PATRON_API bool correct(std::string_view ref, supply_price_set const& corrected);

    /// The price of that day, in whatever currency; of several the latest. Null when none holds. It lives until the list
    /// changes. Complexity: logarithmic in products, channels and days.
    [[nodiscard]] PATRON_API list_price const* find(std::string_view product, std::string_view channel, day on) const;
    /// The price of that day in that currency; one that names none is in `own`. Null when none holds. It lives until the
    /// list changes. Complexity: as above, and linear in the prices in other currencies since.
    [[nodiscard]] PATRON_API list_price const* find(std::string_view product, std::string_view channel, day on,
                                                    currency in, currency own) const;
    /// The price of that day whose floor holds for resales in that currency: the latest that is stated in it or has a
    /// floor in it. What it holds of a floor is said by `floor`. As above.
    [[nodiscard]] PATRON_API list_price const* find_floor(std::string_view product, std::string_view channel, day on,
                                                          currency in, currency own) const;

    /// The price that came with the reference, as corrected. Complexity: linear in all prices.
    [[nodiscard]] PATRON_API std::optional<supply_price_set> told_by(std::string_view ref) const;

    [[nodiscard]] bool empty() const noexcept { return products_.empty(); }

private:
    struct entry {
        list_price content{};
        std::string ref{};
    };
    using channels = std::map<std::string, std::vector<entry>, std::less<>>;

    /// The prices that have begun by that day, by moment.
    [[nodiscard]] std::span<entry const> begun(std::string_view product, std::string_view channel, day on) const;

    std::map<std::string, channels, std::less<>> products_;  ///< entries by moment, then as they were told
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/price_list.ipp>
#endif
