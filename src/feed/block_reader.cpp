#include <patron/feed/block_reader.hpp>

#include "csv_scan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace patron::inline v1::feed {

namespace {

error io_error(std::string const& name, std::string const& what) {
    return {.code = errc::io_failure,
            .field = {},
            .saw = what,
            .remedy = "see that the file exists and may be read",
            .source = name};
}

/// What the system says about the call that failed last.
std::string reason() { return std::generic_category().message(errno); }

struct close_file {
    void operator()(std::FILE* f) const noexcept {
        if (f != stdin) std::fclose(f);
    }
};

}  // namespace

block_reader::block_reader(source from, std::string name, reader_options how)
    : from_{std::move(from)}, name_{std::move(name)}, how_{how} {
    how_.longest_record = std::max<std::size_t>(how_.longest_record, 1);
    // so that no block can hold a row that is too long
    how_.block_bytes = std::clamp<std::size_t>(how_.block_bytes, 1, how_.longest_record);
}

result<block_reader> block_reader::open(std::string const& path, reader_options how) {
    auto* const opened = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
    if (opened == nullptr) return io_error(path, reason());
    std::shared_ptr<std::FILE> const file{opened, close_file{}};
    block_reader made{[file, path](std::span<char> into) -> result<std::size_t> {
                          errno = 0;
                          auto const got = std::fread(into.data(), 1, into.size(), file.get());
                          if (got == 0 && std::ferror(file.get()) != 0) return io_error(path, reason());
                          return got;
                      },
                      path, how};
    if (path == "-") return made;
    // blocks are buffer enough; a pipe has no size, and says so by refusing to seek
    std::setvbuf(opened, nullptr, _IONBF, 0);
    if (std::fseek(opened, 0, SEEK_END) == 0) {
        if (auto const size = std::ftell(opened); size > 0) made.bytes_total_ = static_cast<std::uint64_t>(size);
        if (std::fseek(opened, 0, SEEK_SET) != 0) return io_error(path, reason());
    }
    return made;
}

result<void> block_reader::fill(std::size_t up_to) {
    while (!at_end_ && held_.size() < up_to) {
        auto const had = held_.size();
        held_.resize(up_to);
        auto const got = from_(std::span{held_}.subspan(had));
        held_.resize(had + (got ? std::min(got.value(), up_to - had) : 0));
        if (!got) {
            auto e = got.error();
            e.source = name_;
            return e;
        }
        if (got.value() == 0) at_end_ = true;
        bytes_read_ += got.value();
    }
    return {};
}

std::size_t block_reader::whole_rows() const {
    if (how_.format == format::csv) return detail::whole_csv_rows(held_, how_.separator);
    return held_.rfind('\n') + 1;  // npos + 1 is 0: no row is whole
}

void block_reader::drop(std::size_t bytes) {
    line_ += detail::lines_in(std::string_view{held_}.substr(0, bytes));
    held_.erase(0, bytes);
}

result<void> block_reader::skip_row(std::vector<error>& skipped) {
    skipped.push_back({.code = errc::too_long,
                       .field = {},
                       .saw = {},
                       .remedy = "a row has at most " + std::to_string(how_.longest_record) + " bytes",
                       .source = name_,
                       .line = line_});
    // a CSV row may be long for a quote that never closes: its first line goes, the next ones are read anew
    for (;;) {
        auto const end = held_.find('\n');
        if (end != std::string::npos) {
            drop(end + 1);
            return {};
        }
        drop(held_.size());
        if (at_end_) return {};
        if (auto const filled = fill(how_.block_bytes); !filled) return filled;
    }
}

result<bool> block_reader::next(block& into) {
    into.text.clear();
    into.skipped.clear();
    auto wanted = how_.block_bytes;
    for (;;) {
        if (auto const filled = fill(wanted); !filled) return filled.error();
        auto const whole = at_end_ && held_.size() <= how_.longest_record ? held_.size() : whole_rows();
        if (whole > 0) {
            into.first_line = line_;
            into.text.swap(held_);
            held_.assign(into.text, whole);
            into.text.resize(whole);
            line_ += detail::lines_in(into.text);
            return true;
        }
        if (held_.empty()) {
            into.first_line = line_;
            return !into.skipped.empty();
        }
        if (held_.size() > how_.longest_record) {
            if (auto const done = skip_row(into.skipped); !done) return done.error();
            wanted = how_.block_bytes;
        } else {
            // one byte more than a row may have: its line's end
            wanted = std::min(std::max(wanted, held_.size()) * 2, how_.longest_record + 1);
        }
    }
}

result<std::string> block_reader::header() {
    auto wanted = std::min<std::size_t>(how_.block_bytes, 4096);
    for (;;) {
        if (auto const filled = fill(wanted); !filled) return filled.error();
        auto const whole = whole_rows();
        auto row = at_end_ ? held_.size() : whole;
        if (row > 0)
            row = how_.format == format::csv ? detail::row_size(held_, how_.separator) : detail::past_line(held_, 0);
        if ((row > 0 || at_end_) && row <= how_.longest_record + 1) {
            auto text = held_.substr(0, row);
            drop(row);
            if (text.ends_with('\n')) text.pop_back();
            if (text.ends_with('\r')) text.pop_back();
            return text;
        }
        if (held_.size() > how_.longest_record) {
            return error{.code = errc::too_long,
                         .field = {},
                         .saw = {},
                         .remedy = "a header has at most " + std::to_string(how_.longest_record) + " bytes",
                         .source = name_,
                         .line = line_};
        }
        wanted = std::min(held_.size() * 2 + 1, how_.longest_record + 1);
    }
}

namespace detail {

result<std::variant<json_lines, csv>> parser_for(block_reader& from, layout how) {
    if (auto* const plain = std::get_if<options>(&how)) {
        plain->source = from.name();
        return json_lines{std::move(*plain)};
    }
    auto& mapped = std::get<csv_options>(how);
    mapped.common.source = from.name();
    auto const header = from.header();
    if (!header) return header.error();
    auto made = csv::make(std::move(mapped), header.value());
    if (!made) return made.error();
    return std::move(made).value();
}

reader_options reader_options_of(layout const& how) {
    reader_options made;
    if (auto const* const mapped = std::get_if<csv_options>(&how)) {
        made.format = format::csv;
        made.separator = mapped->separator;
    }
    return made;
}

}  // namespace detail

}  // namespace patron::v1::feed
