#include "book_purchases.hpp"

#include <patron/insight/purchase_days.hpp>

namespace tool {

using namespace patron;
using namespace patron::insight;

book_purchases purchases_in(loaded const& all) {
    book_purchases out;
    std::vector<std::vector<purchase_day>> bought;
    all.book().each_by_code([&](customer_row const& row) {
        out.codes.emplace_back(row.profile.code);
        bought.push_back(purchase_days_of(or_stop(all.book().facts_of(row.profile.code), failed), row.state.in));
        return true;
    });
    out.stream = or_stop(purchase_stream::of(bought));
    return out;
}

}  // namespace tool
