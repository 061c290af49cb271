/// Facts from CSV with a header, its columns mapped to fields (ENG-6).
#pragma once
#include <patron/feed/record.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1::feed {

/// How the columns of a CSV file become facts.
struct csv_options {
    /// What each row states. Left out, the field "fact" is mapped to a column that names it.
    std::optional<fact_kind> kind{};
    /// Field and column; empty stands for columns that are named like the fields.
    std::vector<std::pair<std::string, std::string>> map{};
    /// Field and the text that it has in every row.
    std::vector<std::pair<std::string, std::string>> fixed{};
    /// Column and text: rows whose cell differs are left out, neither facts nor errors.
    std::vector<std::pair<std::string, std::string>> where{};
    char separator = ',';
    /// How days and moments are written, with %Y %y %m %d %H %M %S and literal characters;
    /// empty stands for YYYY-MM-DD and YYYY-MM-DDThh:mm:ssZ. Times are UTC.
    /// %m %d %H %M %S take one or two digits, except that a directive right after them asks for two;
    /// %y is 1969 … 2068 (POSIX).
    std::string date_format{};
    options common{};
};

/// Reads facts from CSV as RFC 4180 has it: cells may be quoted, quotes inside doubled, and a quoted
/// cell may span lines. An empty cell is a field left out.
///
/// Errors of a row, each with line and field: errc::malformed for a quote out of place, a missing or
/// surplus cell, a date not in the given form; the rest as json_lines. A quote that never closes
/// costs its own line only: reading goes on with the next one.
/// Thread safety: `parse` is const and keeps nothing; threads may share one object.
class csv {
public:
    /// A reader for files with that header.
    /// Errors: errc::unknown_field for a mapped field that the fact lacks, errc::missing_field for a
    ///         required one that is not mapped or a column that the header lacks, errc::malformed for
    ///         a broken header or date format, errc::not_supported for lists.
    [[nodiscard]] PATRON_API static result<csv> make(csv_options how, std::string_view header);

    /// Appends one record for each row of `block`, whose first line has the number `first_line`.
    /// Complexity: linear; allocates what the facts hold, and a fixed number of times a block.
    PATRON_API void parse(std::string_view block, std::uint64_t first_line, std::vector<record>& out) const;

private:
    struct plan;
    explicit csv(std::shared_ptr<plan const> p) : plan_{std::move(p)} {}
    std::shared_ptr<plan const> plan_;  // immutable, so copies share it
};

/// The cells of one CSV record, without its line end. For headers; `csv` does not copy cells.
/// Errors: errc::malformed for a quote out of place.
[[nodiscard]] PATRON_API result<std::vector<std::string>> split_csv_record(std::string_view text, char separator = ',');

/// Appends `cell`, in quotes where RFC 4180 asks for them.
PATRON_API void append_csv_cell(std::string& out, std::string_view cell, char separator = ',');

}  // namespace patron::v1::feed
