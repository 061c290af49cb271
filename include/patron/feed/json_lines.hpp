/// Facts from JSON Lines: one object a line (ENG-6).
#pragma once
#include <patron/feed/record.hpp>

#include <string_view>
#include <vector>

namespace patron::inline v1::feed {

/// Reads facts from JSON Lines.
///
/// A row is an object whose `fact` names its kind and whose other keys are that kind's fields, in any
/// order; `null` stands for a field left out. In a `corrected`, keys other than its own are the fields
/// that change. Blank lines are skipped, lines may end in CR LF, and a byte order mark may open the
/// source. Numbers keep the digits that they are written with.
///
/// Errors of a row, each with line and field:
///   errc::malformed      not one JSON object, a field given twice, a value of the wrong type, a
///                        number with an exponent
///   errc::invalid_utf8   broken UTF-8, or a control character such as NUL
///   errc::too_long       nesting beyond 16, more than 64 keys, or a field beyond its bound
///   errc::unknown_fact, unknown_field, missing_field, out_of_range, wrong_scale, unknown_currency
/// Thread safety: `parse` is const and keeps nothing; threads may share one object.
class json_lines {
public:
    static constexpr std::size_t deepest_nesting = 16;
    static constexpr std::size_t most_keys = 64;

    explicit json_lines(options how = {}) : how_{std::move(how)} {}

    /// Appends one record for each row of `block`, whose first line has the number `first_line`.
    ///
    /// `block` ends at the end of a line or of the source, as `block_reader` cuts it.
    /// Complexity: linear; allocates what the facts hold, and a fixed number of times a block.
    PATRON_API void parse(std::string_view block, std::uint64_t first_line, std::vector<record>& out) const;

private:
    options how_;
};

}  // namespace patron::v1::feed
