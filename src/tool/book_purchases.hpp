#pragma once
// What the commands about customers at risk look at: the days on which each customer of a book bought.
#include "command.hpp"

#include <patron/insight/purchase_stream.hpp>

#include <string>
#include <vector>

namespace tool {

struct book_purchases {
    std::vector<std::string> codes;  ///< by position in `stream`
    patron::insight::purchase_stream stream;

    [[nodiscard]] std::string const& code_of(std::uint32_t number) const { return codes[stream.positions()[number]]; }
};

/// Of all customers, by code. Ends the command where the facts of one cannot be read.
book_purchases purchases_in(loaded const& all);

}  // namespace tool
