#include "command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace tool {

using namespace patron;

void feed_options::add_to(CLI::App& command, bool positional) {
    if (positional) {
        command.add_option("FEED", feeds, "JSON Lines or CSV files; - is the standard input");
    } else {
        command.add_option("--feed", feeds, "a feed to read first; may be given several times");
    }
    command
        .add_option("--store", store,
                    "where the book is kept: sqlite:PATH, postgresql://…, or memory: for this command only")
        ->capture_default_str();
    command
        .add_option(
            "--rules", rules,
            "rulebook file that is in force, from the day on that it may say; default: the store's, or the default "
            "rulebook; may be given several times, in the order of their days")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--as-of", as_of,
                       "the day that the answer is for, YYYY-MM-DD; default: the day of the last fact");
    command.add_option("--on-error", on_error, "what a rejected row does: skip it, or stop")
        ->check(CLI::IsMember({"skip", "stop"}))
        ->capture_default_str();
    command.add_option("--rejected", rejected_file, "write each rejected row's error there, as JSON Lines");
    command.add_option("--threads", threads, "threads to apply facts on")
        ->check(CLI::Range(1U, 64U))
        ->capture_default_str();
    command.add_flag("--strict", strict, "an order from an unknown customer is an error, not an enrolment");
    command
        .add_option("--reviews", reviews,
                    "auto: by the feed's review_held facts if it has any, else at each month's end")
        ->check(CLI::IsMember({"auto", "monthly", "by-fact"}))
        ->capture_default_str();
    auto* const csv_flag = command.add_flag("--csv", csv, "the feeds are CSV with a header");
    command.add_option("--fact", fact, "the fact that each CSV row states, e.g. order_placed")->needs(csv_flag);
    command.add_option("--map", map, "field=Column pairs, separated by commas")->delimiter(',')->needs(csv_flag);
    command.add_option("--set", fixed, "field=text that every CSV row has")->needs(csv_flag);
    command.add_option("--where", where, "Column=text: take only CSV rows whose cell is that text")->needs(csv_flag);
    command.add_option("--separator", separator, "of CSV cells")->needs(csv_flag)->capture_default_str();
    command.add_option("--date-format", date_format, "of CSV dates, such as %d/%m/%Y")->needs(csv_flag);
    command.add_option("--currency", currency, "of amounts that name none, such as GBP");
}

namespace {

std::vector<std::pair<std::string, std::string>> pairs_of(std::vector<std::string> const& texts, char const* option) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (auto const& text : texts) {
        auto const equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw stop{bad_input, fmt::format("{}: \"{}\" is no name=value pair", option, text)};
        }
        pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return pairs;
}

feed::layout layout_of(feed_options const& o) {
    feed::options common;
    if (!o.currency.empty()) common.default_currency = or_stop_at("--currency", currency::of(o.currency));
    if (!o.csv) return common;
    feed::csv_options how;
    if (!o.fact.empty()) {
        how.kind = fact_kind_of(o.fact);
        if (!how.kind) throw stop{bad_input, fmt::format("--fact: there is no fact \"{}\"", o.fact)};
    }
    how.map = pairs_of(o.map, "--map");
    how.fixed = pairs_of(o.fixed, "--set");
    how.where = pairs_of(o.where, "--where");
    if (o.separator == "\\t") {
        how.separator = '\t';
    } else if (o.separator.size() == 1) {
        how.separator = o.separator.front();
    } else {
        throw stop{bad_input, "--separator: give one character, or \\t"};
    }
    how.date_format = o.date_format;
    how.common = common;
    return how;
}

constexpr std::string_view review_name = "review_held";

/// Whether a look through it takes nothing away from the reading that follows: not so with pipes.
bool is_stream(std::string const& path) {
    std::error_code unknown;
    return path == "-" || !std::filesystem::is_regular_file(path, unknown);
}

/// Whether the file has reviews of its own: a look for the fact's name, much cheaper than reading it.
bool holds_reviews(std::string const& path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file{std::fopen(path.c_str(), "rb"), &std::fclose};
    if (!file) return false;
    std::string window;
    std::vector<char> chunk(1U << 20U);
    for (;;) {
        auto const got = std::fread(chunk.data(), 1, chunk.size(), file.get());
        if (got == 0) return false;
        window.append(chunk.data(), got);
        if (window.find(review_name) != std::string::npos) return true;
        window.erase(0, window.size() - std::min(window.size(), review_name.size()));
    }
}

class progress {
public:
    explicit progress(bool wanted) : shown_{wanted && ::isatty(STDERR_FILENO) != 0} {}
    progress(progress const&) = delete;
    progress& operator=(progress const&) = delete;
    ~progress() {
        if (drawn_) std::fputs("\r\033[K", stderr);
    }
    void at(std::uint64_t bytes, std::uint64_t total, std::uint64_t rows) {
        if (!shown_) return;
        auto const now = std::chrono::steady_clock::now();
        if (now - began_ < std::chrono::seconds{1} || now - last_ < std::chrono::milliseconds{200}) return;
        last_ = now;
        drawn_ = true;
        if (total == 0) {
            std::fprintf(stderr, "\r%llu rows, %llu MB", static_cast<unsigned long long>(rows),
                         static_cast<unsigned long long>(bytes >> 20U));
        } else {
            auto const parts = static_cast<int>(std::min<std::uint64_t>(bytes * 30 / total, 30));
            std::fprintf(stderr, "\r[%s%s] %llu %%, %llu rows",
                         std::string(static_cast<std::size_t>(parts), '#').c_str(),
                         std::string(static_cast<std::size_t>(30 - parts), '.').c_str(),
                         static_cast<unsigned long long>(bytes * 100 / total), static_cast<unsigned long long>(rows));
        }
    }

private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_ = began_;
    bool shown_;
    bool drawn_ = false;
};

/// Tells of rejected rows: the first on stderr, all of them in a file when asked for.
class rejections {
public:
    explicit rejections(std::string const& path) {
        if (path.empty()) return;
        file_.open(path, std::ios::binary | std::ios::trunc);
        if (!file_) throw stop{bad_input, fmt::format("--rejected: {} cannot be written", path)};
    }
    void tell(error const& e) {
        constexpr std::uint64_t most_shown = 100;
        if (e.field.empty() && (e.code == errc::malformed || e.code == errc::invalid_utf8)) ++unreadable_;
        if (++count_ <= most_shown) std::fprintf(stderr, "%s\n", e.message().c_str());
        if (count_ == most_shown + 1) {
            std::fprintf(stderr, "further rejected rows are counted only%s\n",
                         file_.is_open() ? "" : "; --rejected FILE lists them all");
        }
        if (!file_.is_open()) return;
        std::string line{"{\"source\":"};
        append_json_string(line, e.source);
        line += ",\"line\":" + std::to_string(e.line) + ",\"code\":";
        append_json_string(line, name_of(e.code));
        line += ",\"field\":";
        append_json_string(line, e.field);
        line += ",\"saw\":";
        append_json_string(line, e.saw);
        line += ",\"remedy\":";
        append_json_string(line, e.remedy);
        file_ << line << "}\n";
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// Rows that are not even of the format.
    [[nodiscard]] std::uint64_t unreadable() const noexcept { return unreadable_; }
    void finish() {
        if (file_.is_open() && !file_.flush()) throw stop{failed, "--rejected: the file cannot be written"};
    }

private:
    std::ofstream file_;
    std::uint64_t count_ = 0;
    std::uint64_t unreadable_ = 0;
};

/// Reads one source: several blocks are parsed at once, and applied in order.
class source_run {
public:
    source_run(loaded& book, feed_options const& options, rejections& rejected, decision_sink const& decided,
               feed_summary& sum, progress& bar)
        : book_{book}, options_{options}, rejected_{rejected}, decided_{decided}, sum_{sum}, bar_{bar} {}

    /// False when a row stopped the run.
    bool read(feed::block_reader& from, feed::layout const& how, feed::block first) {
        auto const parser = or_stop(feed::detail::parser_for(from, how), bad_input);
        std::vector<feed::block> blocks(options_.threads);
        std::vector<std::vector<feed::record>> records(options_.threads);
        blocks[0] = std::move(first);
        bool pre_read = !blocks[0].text.empty() || !blocks[0].skipped.empty();
        for (;;) {
            std::size_t got = pre_read ? 1 : 0;
            pre_read = false;
            bool at_end = false;
            while (got < blocks.size() && !at_end) {
                at_end = !or_stop(from.next(blocks[got]), failed);
                if (!at_end) ++got;
            }
            if (got == 0) return true;
            parse(parser, blocks, records, got);
            for (std::size_t b = 0; b < got; ++b) {
                if (!take(records[b], from.name())) return false;
            }
            bar_.at(from.bytes_read(), from.bytes_total(), sum_.read);
            if (at_end) return true;
        }
    }

private:
    using any_parser = std::variant<feed::json_lines, feed::csv>;

    static void parse(any_parser const& parser, std::vector<feed::block> const& blocks,
                      std::vector<std::vector<feed::record>>& records, std::size_t count) {
        auto const parse_block = [&](std::size_t b) {
            records[b].clear();
            for (auto const& e : blocks[b].skipped) records[b].push_back({e.line, e});
            std::visit([&](auto const& p) { p.parse(blocks[b].text, blocks[b].first_line, records[b]); }, parser);
        };
        std::vector<std::thread> others;
        for (std::size_t b = 1; b < count; ++b) others.emplace_back(parse_block, b);
        parse_block(0);
        for (auto& other : others) other.join();
    }

    bool take(std::vector<feed::record>& rows, std::string const& source) {
        batch_options const how{.threads = options_.threads, .stop_on_error = options_.on_error == "stop"};
        if (book_.both_) return take_twice(rows, how, source);
        auto const outcome =
            book_.kept_ ? or_store_failed(book_.kept_->apply(rows, how)) : book_.held_->apply(rows, how);
        sum_.read += outcome.read;
        sum_.applied += outcome.applied;
        sum_.duplicate += outcome.duplicate;
        sum_.kept += outcome.kept;
        for (auto e : outcome.rejected) {
            e.source = source;
            rejected_.tell(e);
        }
        if (decided_ && !outcome.decisions.empty()) decided_(book_.book(), outcome.decisions);
        return !outcome.stopped;
    }

    /// Into both books of a what-if: a row is applied when either takes it, and rejected when either refuses it.
    bool take_twice(std::vector<feed::record>& rows, batch_options const& how, std::string const& source) {
        auto outcome = book_.both_->apply(rows, how);
        sum_.read += outcome.a.read;
        sum_.applied += std::max(outcome.a.applied, outcome.b.applied);
        sum_.duplicate += outcome.a.duplicate;
        sum_.kept += outcome.a.kept;
        auto& [a, b] = outcome;
        book_.rejected_under_[0] += a.rejected.size();
        book_.rejected_under_[1] += b.rejected.size();
        // both are in the order of the rows, and a row is refused by one book at most once
        auto x = a.rejected.begin();
        auto y = b.rejected.begin();
        while (x != a.rejected.end() || y != b.rejected.end()) {
            auto const by_a = x != a.rejected.end() && (y == b.rejected.end() || x->line <= y->line);
            auto const by_b = y != b.rejected.end() && (x == a.rejected.end() || y->line <= x->line);
            auto e = by_a ? *x : *y;
            e.source = source;
            if (by_a != by_b) {
                auto const& under = by_a ? book_.both_->a() : book_.both_->b();
                e.remedy += fmt::format(" (refused under \"{}\" only)", under.options().rules.version);
            }
            rejected_.tell(e);
            if (by_a) ++x;
            if (by_b) ++y;
        }
        return !a.stopped && !b.stopped;
    }

    loaded& book_;
    feed_options const& options_;
    rejections& rejected_;
    decision_sink const& decided_;
    feed_summary& sum_;
    progress& bar_;
};

}  // namespace

any_event_store open_store(std::string const& url, store::access how) {
    auto opened = store::open_store(url, how);
    if (opened) return std::move(opened.value());
    auto e = opened.error();
    if (e.source.empty()) e.source = "--store";
    auto const code = e.code == errc::malformed || e.code == errc::not_supported ? bad_input : failed;
    throw stop{code, e.message()};
}

namespace {

/// A snapshot costs about as much as opening from one: it is worth it when much has come since the last.
void save_snapshot_if_worth_it(store::stored_book& book) {
    constexpr std::uint64_t least_entries = 20'000;
    auto const behind = book.behind_snapshot();
    auto const whole = or_store_failed(book.store().versions()).total();
    if (behind < least_entries || behind < whole / 4) return;
    if (auto const saved = book.save_snapshot(); !saved) {
        fmt::print(stderr, "the snapshot was not saved, which makes the next opening slower: {}\n",
                   saved.error().message());
    }
}

}  // namespace

namespace {

/// Says why a snapshot was not used, and what became of facts whose day has come.
void tell_of_opening(store::stored_book& book, decision_sink const& decided) {
    auto const& opened = book.opened();
    if (opened.snapshot_refused) {
        fmt::print(stderr, "the store's snapshot is not used: {}\n", opened.snapshot_refused->message());
    }
    for (auto const& e : opened.came_into_effect.rejected) {
        fmt::print(stderr, "a fact that waited for its day is refused, and dropped: {}\n", e.message());
    }
    if (decided && !opened.came_into_effect.decisions.empty()) {
        decided(book.book(), opened.came_into_effect.decisions);
    }
}

void bring_to_day(loaded& out, then what, unsigned threads, decision_sink const& decided) {
    auto& book = *out.kept_;
    if (what == then::review) {
        auto const decisions = or_store_failed(book.review(out.as_of, threads));
        if (decided && !decisions.empty()) decided(book.book(), decisions);
    }
    save_snapshot_if_worth_it(book);
    if (what == then::review || book.book().size() == 0) return;
    if (auto const latest = book.book().latest_day(); latest && out.as_of < *latest) {
        out.shown_ = std::make_unique<engine>(or_store_failed(book.as_it_was(out.as_of, threads)));
        (void)out.shown_->advance_to(out.as_of, threads);
        return;
    }
    auto const decisions = book.show_on(out.as_of, threads);
    if (decided && !decisions.empty()) decided(book.book(), decisions);
}

}  // namespace

loaded load(feed_options const& o, decision_sink const& decided, then what) {
    auto const began = std::chrono::steady_clock::now();
    auto const in_memory = o.store == "memory:";
    // a file that is not sound ends the command before a store is touched
    auto const rules = o.rules.empty() ? std::nullopt : std::optional{rules_in_files(o.rules)};
    if (in_memory && o.feeds.empty())
        throw stop{
            bad_input,
            "nothing to read: give a FEED (with --feed where it is no argument), or a --store that holds a book"};

    engine_options how;
    how.rules = rules ? house_rules{*rules}.after(default_rules()) : default_rules();
    if (!o.as_of.empty()) how.as_of = or_stop_at("--as-of", parse_day(o.as_of));
    how.strict = o.strict;
    how.record_decisions = static_cast<bool>(decided);
    auto const layout = layout_of(o);

    // everything that can be wrong with the command is found before the first row is read
    std::vector<feed::block_reader> readers;
    std::vector<feed::block> first_blocks(o.feeds.size());
    bool reviewed = false;
    for (std::size_t i = 0; i < o.feeds.size(); ++i) {
        if (std::error_code unknown; std::filesystem::is_directory(o.feeds[i], unknown)) {
            throw stop{bad_input, fmt::format("{} is a directory; name the files in it", o.feeds[i])};
        }
        readers.push_back(
            or_stop(feed::block_reader::open(o.feeds[i], feed::detail::reader_options_of(layout)), bad_input));
        if (o.reviews != "auto") continue;
        if (o.csv) {
            reviewed = reviewed || o.fact == review_name ||
                       (o.fact.empty() && !is_stream(o.feeds[i]) && holds_reviews(o.feeds[i]));
        } else if (is_stream(o.feeds[i])) {
            // a stream cannot be looked through: its first block decides
            if (or_stop(readers[i].next(first_blocks[i]), failed)) {
                reviewed = reviewed || first_blocks[i].text.find(review_name) != std::string::npos;
            }
        } else {
            reviewed = reviewed || holds_reviews(o.feeds[i]);
        }
    }
    how.reviews = o.reviews == "by-fact" || reviewed ? review_mode::by_fact : review_mode::monthly;

    loaded out;
    if (o.compared.size() == 2) {
        out.both_ = std::make_unique<what_if>(std::move(how), o.compared[0], o.compared[1]);
    } else if (in_memory) {
        out.held_ = std::make_unique<engine>(std::move(how));
    } else {
        store::book_options kept{.rules = rules,
                                 .first_rules = default_rules(),
                                 .as_of = how.as_of,
                                 .strict = how.strict,
                                 .record_decisions = how.record_decisions,
                                 .threads = o.threads};
        auto place = open_store(o.store, o.feeds.empty() ? store::access::write : store::access::create);
        auto const is_new = or_store_failed(place.versions()).total() == 0;
        if (o.reviews != "auto" || is_new) kept.reviews = how.reviews;
        auto opened = store::stored_book::open(std::move(place), std::move(kept));
        if (!opened && opened.error().code == errc::impossible_now) throw stop{bad_input, opened.error().message()};
        out.kept_ = std::make_unique<store::stored_book>(or_store_failed(std::move(opened)));
        tell_of_opening(*out.kept_, decided);
    }
    rejections rejected{o.rejected_file};
    {
        progress bar{true};
        source_run run{out, o, rejected, decided, out.summary, bar};
        for (std::size_t i = 0; i < readers.size(); ++i) {
            if (!run.read(readers[i], layout, std::move(first_blocks[i]))) break;
        }
    }
    rejected.finish();
    if (!o.csv && out.summary.read > 0 && rejected.unreadable() == out.summary.read) {
        std::fputs("no row is JSON: for CSV give --csv; what is compressed goes through a pipe, to the feed -\n",
                   stderr);
    }
    out.summary.rejected = rejected.count();
    auto const asked = o.as_of.empty() ? std::nullopt : std::optional{or_stop_at("--as-of", parse_day(o.as_of))};
    auto const latest = out.both_ ? out.both_->latest_day() : out.book().latest_day();
    out.as_of = asked ? *asked : latest.value_or(first_day);
    if (out.both_) {
        if (latest) (void)out.both_->advance_to(out.as_of, o.threads);
    } else if (!out.kept_) {
        if (out.book().size() > 0) {
            auto const decisions = out.held_->advance_to(out.as_of, o.threads);
            if (decided && !decisions.empty()) decided(out.book(), decisions);
        }
    } else {
        bring_to_day(out, what, o.threads, decided);
    }
    out.summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return out;
}

}  // namespace tool
