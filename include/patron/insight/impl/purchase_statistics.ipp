#pragma once
#include <patron/insight/impl/purchase_statistics.hpp>

namespace patron::inline v1::insight {

PATRON_FN void add_purchase(purchase_statistics& to, purchase_day const& bought) noexcept {
    detail::add_purchase(to, bought, detail::season_phases(detail::number_of(bought.on)));
}

}  // namespace patron::v1::insight
