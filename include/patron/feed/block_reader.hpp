/// Cuts a source of any size into blocks of whole rows, in bounded memory (BASE-7).
#pragma once
#include <patron/feed/csv.hpp>
#include <patron/feed/json_lines.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patron::inline v1::feed {

/// Where rows end.
enum class format : std::uint8_t {
    json_lines,  ///< at every line's end
    csv,         ///< at line ends outside quotes
};

/// How a source is cut.
struct reader_options {
    feed::format format = feed::format::json_lines;
    char separator = ',';                      ///< of CSV
    std::size_t block_bytes = 512 * 1024;      ///< about how much a block holds
    std::size_t longest_record = 1024 * 1024;  ///< bytes of a row without its line end; longer ones are rejected
};

/// Some whole rows of a source.
struct block {
    std::string text;              ///< ends at the end of a row, or of the source
    std::uint64_t first_line = 1;  ///< the line that `text` begins with
    std::vector<error> skipped;    ///< rows before `text` that were longer than allowed
};

/// Reads a source block by block.
///
/// A row longer than `longest_record` is passed over in constant memory and reported once; reading
/// goes on behind it. Never holds more than two blocks of the longest record's size.
/// Thread safety: none; blocks may be parsed in other threads.
class block_reader {
public:
    /// Gives up to `into.size()` bytes; 0 at the end.
    using source = std::function<result<std::size_t>(std::span<char> into)>;

    /// Opens a file; "-" is the standard input.
    /// Errors: errc::io_failure with the path.
    [[nodiscard]] PATRON_API static result<block_reader> open(std::string const& path, reader_options how = {});
    /// Reads from anything. `name` stands in errors.
    PATRON_API block_reader(source from, std::string name, reader_options how = {});

    /// The next row on its own, without its line end: the header of a CSV file. Empty at the end.
    /// Errors: errc::io_failure, errc::too_long.
    [[nodiscard]] PATRON_API result<std::string> header();

    /// Fills `into`, whose memory is used again; false at the end of the source.
    /// The last block may have no text when only skipped rows are left to report.
    /// Errors: errc::io_failure with the name of the source; reading cannot go on.
    [[nodiscard]] PATRON_API result<bool> next(block& into);

    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return bytes_read_; }
    /// Size of the source in bytes, for progress; 0 when it is not known.
    [[nodiscard]] std::uint64_t bytes_total() const noexcept { return bytes_total_; }
    [[nodiscard]] std::string const& name() const noexcept { return name_; }

private:
    [[nodiscard]] result<void> fill(std::size_t up_to);
    [[nodiscard]] std::size_t whole_rows() const;
    [[nodiscard]] result<void> skip_row(std::vector<error>& skipped);
    void drop(std::size_t bytes);

    source from_;
    std::string name_;
    reader_options how_;
    std::string held_;
    std::uint64_t line_ = 1;
    std::uint64_t bytes_read_ = 0;
    std::uint64_t bytes_total_ = 0;
    bool at_end_ = false;
};

/// How a whole source is read: JSON Lines, or CSV with its map.
using layout = std::variant<options, csv_options>;

/// Hands every record of a source, rejected ones too, to `each(record&&)` in the source's order.
///
/// `each` may return a bool; false ends the reading. `source` and limits as in block_reader; `how`
/// names the format, and a source's name given there is replaced by the reader's.
/// Errors: errc::io_failure; for CSV those of csv::make. A rejected row is no error here.
template <std::invocable<record&&> F>
[[nodiscard]] result<void> for_each(block_reader& from, layout const& how, F&& each);

/// The same for a file; "-" is the standard input.
template <std::invocable<record&&> F>
[[nodiscard]] result<void> for_each(std::string const& path, layout const& how, F&& each);

namespace detail {

/// A parser of either format for one source; reads the header of CSV.
/// Errors: those of csv::make and of the source.
[[nodiscard]] PATRON_API result<std::variant<json_lines, csv>> parser_for(block_reader& from, layout how);
[[nodiscard]] PATRON_API reader_options reader_options_of(layout const& how);

}  // namespace detail

template <std::invocable<record&&> F>
result<void> for_each(block_reader& from, layout const& how, F&& each) {
    auto const parser = detail::parser_for(from, how);
    if (!parser) return parser.error();
    block rows;
    std::vector<record> records;
    for (;;) {
        auto const more = from.next(rows);
        if (!more) return more.error();
        if (!more.value()) return {};
        records.clear();
        for (auto& e : rows.skipped) {
            auto const line = e.line;
            records.push_back({line, std::move(e)});
        }
        std::visit([&](auto const& p) { p.parse(rows.text, rows.first_line, records); }, parser.value());
        for (auto& r : records) {
            if constexpr (std::same_as<std::invoke_result_t<F&, record&&>, bool>) {
                if (!each(std::move(r))) return {};
            } else {
                each(std::move(r));
            }
        }
    }
}

template <std::invocable<record&&> F>
result<void> for_each(std::string const& path, layout const& how, F&& each) {
    auto from = block_reader::open(path, detail::reader_options_of(how));
    if (!from) return from.error();
    return for_each(from.value(), how, each);
}

}  // namespace patron::v1::feed
