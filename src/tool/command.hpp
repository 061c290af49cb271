#pragma once
// What the commands of the tool share: options, exit codes, reading feeds.
#include <patron/engine/engine.hpp>
#include <patron/engine/what_if.hpp>
#include <patron/feed/block_reader.hpp>
#include <patron/policy/rulebook.hpp>
#include <patron/store/open.hpp>
#include <patron/store/stored_book.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tool {

/// The exit codes of the contract.
enum exit_code : int { done = 0, some_rejected = 1, bad_input = 2, failed = 3 };

/// Ends the command with an exit code and a message on stderr.
struct stop {
    exit_code code;
    std::string message;
};

/// Throws `stop` for an error that the user can mend.
template <class T>
T or_stop(patron::result<T>&& r, exit_code code = bad_input) {
    if (!r) throw stop{code, r.error().message()};
    if constexpr (!std::is_void_v<T>) return std::move(r.value());
}

/// The same for the text of an option or argument, which the message names.
template <class T>
T or_stop_at(char const* option, patron::result<T>&& r) {
    if (!r) {
        auto e = r.error();
        e.source = option;
        throw stop{bad_input, e.message()};
    }
    return std::move(r.value());
}

/// Of an option that counts: its type alone would take -3 for a number near 2^64.
inline CLI::Validator const not_negative{
    [](std::string& text) { return text.starts_with('-') ? text + " is negative; give a number from 0 on" : ""; }, ""};

/// How feeds are named and read; the same for every command that reads them.
struct feed_options {
    std::vector<std::string> feeds;
    bool csv = false;
    std::string fact;
    std::vector<std::string> map;
    std::vector<std::string> fixed;
    std::vector<std::string> where;
    std::string separator = ",";
    std::string currency;
    std::string date_format;
    std::string reviews = "auto";
    std::string on_error = "skip";
    std::string rejected_file;
    std::string as_of;
    std::string store = "memory:";
    std::vector<std::string> rules;
    unsigned threads = 1;
    bool strict = false;
    std::vector<patron::house_rules> compared{};  ///< two: the feeds go into a book under each, in memory

    /// `positional`: the feeds are the command's own arguments, else they follow `--feed`.
    void add_to(CLI::App& command, bool positional);
};

/// What came of reading.
struct feed_summary {
    std::uint64_t read = 0;
    std::uint64_t applied = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t kept = 0;
    std::uint64_t rejected = 0;
    double seconds = 0;
};

/// A book that feeds have been read into, brought to the day asked for. Kept in a store or not.
class loaded {
public:
    feed_summary summary{};
    patron::day as_of{};

    [[nodiscard]] patron::engine const& book() const {
        return shown_ ? *shown_ : kept_ ? kept_->book() : both_ ? both_->a() : *held_;
    }
    /// Every row by code, with the names of persons.
    patron::result<void> each_by_code(patron::engine::row_visitor const& each) {
        if (kept_ && !shown_) return kept_->each_by_code(each);
        book().each_by_code(each);
        return {};
    }
    [[nodiscard]] patron::result<patron::explanation> explain(std::string_view code, patron::day on) {
        return kept_ && !shown_ ? kept_->explain(code, on) : book().explain(code, on);
    }
    [[nodiscard]] patron::result<std::vector<patron::held_order>> held_orders(patron::held_orders_query const& wanted) {
        return kept_ && !shown_ ? kept_->held_orders(wanted) : patron::held_orders(shown_ ? *shown_ : *held_, wanted);
    }

    std::unique_ptr<patron::engine> held_{};              ///< in memory only
    std::unique_ptr<patron::what_if> both_{};             ///< in memory under two rulebooks; `book` is the first one's
    std::uint64_t rejected_under_[2] = {0, 0};            ///< of `both_`: rows that each refused
    std::unique_ptr<patron::store::stored_book> kept_{};  ///< in a store
    std::unique_ptr<patron::engine> shown_{};             ///< a stored book as it was on an earlier day
};

/// Opens the store that an option names. Ends the command with 2 for a wrong address and 3 for a store that fails.
patron::any_event_store open_store(std::string const& url, patron::store::access how);
/// Ends the command with 3 for an error of a store.
template <class T>
T or_store_failed(patron::result<T> r) {
    return or_stop(std::move(r), failed);
}

/// Takes the decisions as they are made, in order.
using decision_sink = std::function<void(patron::engine const&, std::vector<patron::decision> const&)>;

/// What is done with a book in a store after the feeds have been read.
enum class then : std::uint8_t {
    show,    ///< brings it to the day asked for, for reading
    review,  ///< holds the reviews until that day, for good
};

/// Reads the feeds into a new book, or into the one that the store holds. Rejected rows go to stderr.
loaded load(feed_options const& options, decision_sink const& decided, then what = then::show);

/// Reads a rulebook file, or ends the command with 2 and a message that begins with `said`.
patron::policy::rulebook rulebook_from(std::string const& path, std::string const& said);
/// The rules of a sound rulebook file; ends the command with 2 for any other.
patron::house_rules rules_in_file(std::string const& path);
/// Those of several, each from its own day on and the one before it until then; ends the command with 2 where they are
/// not in the order of their days.
patron::house_rules rules_in_files(std::vector<std::string> const& paths);
/// Those that the default rulebook makes.
patron::house_rules default_rules();

/// The exit code for a summary.
inline exit_code code_of(feed_summary const& s) { return s.rejected == 0 ? done : some_rejected; }

/// Prints a report that was made of a book, says on stderr what it is of, and ends the command.
[[noreturn]] void end_with(loaded const& all, std::string_view report, std::string const& told);

void add_replay(CLI::App& app);
void add_review(CLI::App& app);
void add_check(CLI::App& app);
void add_explain(CLI::App& app);
void add_staff(CLI::App& app);
void add_prices(CLI::App& app);
void add_rebates(CLI::App& app);
void add_receivables(CLI::App& app);
void add_holds(CLI::App& app);
void add_machine(CLI::App& app);
void add_rules(CLI::App& app);
void add_fit(CLI::App& app);
void add_risk(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_forecast(CLI::App& app);
void add_simulate(CLI::App& app);
void add_store(CLI::App& app);
void add_audit(CLI::App& app);
void add_follow(CLI::App& app);
void add_worker(CLI::App& app);
void add_whatif(CLI::App& app);
void add_version(CLI::App& app);

/// Writes to stdout, or fails the command with exit code 3 when that is not possible.
void write_out(std::string_view text);
/// Writes what is still buffered.
void flush_out();

/// The stages of a book and the flows between them, as aligned text.
std::string stage_table(patron::engine const& book);

/// `text` filled up with spaces to `width` columns of a terminal, where a Chinese character takes two.
std::string padded(std::string_view text, std::size_t width);

}  // namespace tool
