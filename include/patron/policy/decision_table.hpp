/// Decision tables: rules as rows that are checked before they are believed (ENG-9, ENG-10, ENG-11).
#pragma once
#include <patron/base/rate.hpp>
#include <patron/policy/reason.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::policy {

/// What a table does when several of its rules hit. Values are stable; names are those of the enumerators.
enum class hit_policy : std::uint8_t {
    unique,         ///< at most one rule can hit; two are an error of the table
    first,          ///< the first rule in the table's order stands
    any,            ///< those that hit agree in their outputs; if they do not, the table is wrong
    priority,       ///< the rule stands whose first output comes first among that column's words
    collect,        ///< all that hit, in the table's order
    collect_sum,    ///< the sum of what they put out
    collect_min,    ///< the least of it
    collect_max,    ///< the greatest of it
    collect_count,  ///< how many hit
};

/// What a table is for; the checks of a rulebook ask more of some of them.
enum class table_kind : std::uint8_t {
    plain,
    reward,     ///< puts out an `effect` of POW-1
    penalty,    ///< puts out an `effect` of POW-2, each with a way back
    deterrent,  ///< puts out an `effect` of POW-3, each with a way back
    limit,      ///< proposes credit limits (CRE-7)
    tier,       ///< gives a tier (SEG-4)
};

enum class column_type : std::uint8_t {
    number,  ///< exact, with a stated count of digits after the point
    word,    ///< one of the column's words
    yes_no,
};

/// The unit of a column's numbers.
enum class column_unit : std::uint8_t {
    none,
    amount,   ///< of the column's currency
    percent,  ///< 50 is a half
    share,    ///< 0.5 is a half
    days,
    months,
    count,
};

[[nodiscard]] PATRON_API std::string_view name_of(hit_policy p) noexcept;
[[nodiscard]] PATRON_API std::string_view name_of(table_kind k) noexcept;
[[nodiscard]] PATRON_API std::string_view name_of(column_type t) noexcept;
[[nodiscard]] PATRON_API std::string_view name_of(column_unit u) noexcept;
[[nodiscard]] PATRON_API std::optional<hit_policy> hit_policy_named(std::string_view name) noexcept;
[[nodiscard]] PATRON_API std::optional<table_kind> table_kind_named(std::string_view name) noexcept;
[[nodiscard]] PATRON_API std::optional<column_type> column_type_named(std::string_view name) noexcept;
[[nodiscard]] PATRON_API std::optional<column_unit> column_unit_named(std::string_view name) noexcept;

/// What a table is given, or puts out, in one column: a number in the column's scale, a word's position, yes or no,
/// or nothing: unknown as an input, none as an output.
class value {
public:
    enum class kind : std::uint8_t { unknown, number, word, yes_no };

    constexpr value() noexcept = default;
    /// `units` x 10^-digits of the column: cents for an amount in CNY, basis points for per cents of two digits.
    [[nodiscard]] static constexpr value number(std::int64_t units) noexcept { return {kind::number, units}; }
    /// The word at that position of the column's words, from 0.
    [[nodiscard]] static constexpr value word(std::size_t position) noexcept {
        return {kind::word, static_cast<std::int64_t>(position)};
    }
    [[nodiscard]] static constexpr value yes_no(bool yes) noexcept { return {kind::yes_no, yes ? 1 : 0}; }

    [[nodiscard]] constexpr kind type() const noexcept { return kind_; }
    [[nodiscard]] constexpr bool is_known() const noexcept { return kind_ != kind::unknown; }
    /// The number, the word's position, or 1 for yes. Precondition: known.
    [[nodiscard]] constexpr std::int64_t units() const noexcept { return units_; }
    friend constexpr bool operator==(value, value) noexcept = default;

private:
    constexpr value(kind k, std::int64_t units) noexcept : kind_{k}, units_{units} {}

    kind kind_ = kind::unknown;
    std::int64_t units_ = 0;
};

/// One input or output of a table.
struct column {
    std::string name{};  ///< snake_case
    column_type type = column_type::number;
    column_unit unit = column_unit::none;
    int digits = 0;                  ///< of numbers, after the point; 0 … 9
    std::optional<decimal> least{};  ///< of numbers: what comes in below it is an error
    std::optional<decimal> most{};
    std::vector<std::string> words{};  ///< of words: all that there are, each in snake_case
    std::string currency{};            ///< of amounts: the ISO 4217 code
    bool required = true;              ///< false: an input may be unknown, an output may be none

    /// Reads a value: "12.50", "stable", "yes"; "unknown" (or "-", for an output) where the column may be without.
    /// Errors: errc::malformed, wrong_scale for too many digits, out_of_range, unknown_reference for another word.
    [[nodiscard]] PATRON_API result<value> read(std::string_view text) const;
    /// The text that `read` takes, with no unit. Precondition: the value is one of this column.
    [[nodiscard]] PATRON_API std::string shown(value v) const;

    friend bool operator==(column const&, column const&) = default;
};

/// A rule as it is written: a cell for each input, one for each output, in the order of the columns.
///
/// A cell of an input is one of
///
///     -                anything, also unknown
///     unknown          only unknown
///     5, < 5, <= 5, > 5, >= 5
///     [1..5] [1..5) (1..5] (1..5)   a bracket owns the edge, a parenthesis does not
///     a, b, [1..5)     one of these; unknown may stand among them
///     not(a, b)        any other known value: unknown is never what a negation asks for
///
/// and a cell of an output a value, or "-" for none.
struct table_rule {
    std::string code{};  ///< stable, snake_case, e.g. "price_grave"
    std::string id{};    ///< of the requirement that it serves, e.g. "POW-2"
    std::string en{};    ///< what it says, for people
    std::string zh{};
    std::vector<std::string> when{};
    std::vector<std::string> then{};

    friend bool operator==(table_rule const&, table_rule const&) = default;
};

/// A table as it is written.
struct table_text {
    std::string name{};  ///< snake_case
    std::string en{};    ///< title, for people
    std::string zh{};
    table_kind kind = table_kind::plain;
    hit_policy hits = hit_policy::unique;
    bool may_be_silent = false;  ///< true: that no rule hits is an answer. Tables that collect always may
    std::vector<column> inputs{};
    std::vector<column> outputs{};
    std::vector<table_rule> rules{};

    friend bool operator==(table_text const&, table_text const&) = default;
};

inline constexpr std::size_t most_table_rules = 1'000;
inline constexpr std::size_t most_table_columns = 16;  ///< inputs, and as many outputs
inline constexpr std::size_t most_column_words = 64;

/// What a table answered.
struct outcome {
    std::size_t hits = 0;                     ///< rules that hit
    std::optional<std::size_t> rule{};        ///< whose outputs stand; nothing when silent or collected
    std::optional<std::int64_t> collected{};  ///< the sum, least, greatest (in the output's scale) or count

    friend bool operator==(outcome const&, outcome const&) = default;
};

/// What one cell of a rule saw.
struct cell_look {
    std::string_view input;   ///< the column's name; views the table
    std::string saw;          ///< as `column::shown`, "unknown" when it is
    std::string_view wanted;  ///< the cell as it is written; views the table
    patron::verdict verdict = patron::verdict::met;

    friend bool operator==(cell_look const&, cell_look const&) = default;
};

/// Why a rule fired or did not (ENG-11).
struct rule_look {
    std::string_view rule;                      ///< its code; views the table
    std::string_view id;                        ///< views the table
    bool held = false;                          ///< all of its cells
    std::optional<std::string_view> yielded{};  ///< it held, but this rule stood instead
    std::vector<cell_look> cells;

    [[nodiscard]] bool fired() const noexcept { return held && !yielded; }
    friend bool operator==(rule_look const&, rule_look const&) = default;
};

/// The look as a sentence for people, with every cell that did not hold.
[[nodiscard]] PATRON_API std::string sentence(rule_look const& look, language l);

/// A table that has been read and may be asked. An immutable value.
///
/// Thread safety: all of it is const.
class decision_table {
public:
    /// Reads every cell. Whether the rules make sense together is for `check` to say.
    /// Errors: those of cells, with `field` naming table, rule and column, e.g. "penalties.price_grave.severity":
    ///         errc::malformed, wrong_scale, out_of_range for what lies outside of the column's bounds and for a cell
    ///         that nothing can meet (an empty or reversed range), unknown_reference for a word that the column lacks,
    ///         conflicting_reference for a name given twice, too_long beyond the bounds above, missing_field.
    /// Complexity: rules x edges of the cells, for each column.
    [[nodiscard]] PATRON_API static result<decision_table> compile(table_text text);

    [[nodiscard]] table_text const& text() const noexcept { return text_; }
    [[nodiscard]] bool may_be_silent() const noexcept {
        return text_.may_be_silent || text_.hits >= hit_policy::collect;
    }

    /// Which rules hit, and what stands. `hit` takes the positions of the rules that hit, in the table's order, as many
    /// as fit.
    /// Errors: errc::malformed for another count of inputs or another type, out_of_range outside of a column's bounds,
    ///         missing_field for an unknown input that is required, amount_overflow of a sum, and unsound_rules where
    ///         the table itself is wrong: two rules hit a unique one, rules that disagree hit, or none does where one
    ///         should. A table that `check` finds sound has no unsound_rules.
    /// Complexity: a search in each column's edges and a pass over one bit for each rule; no allocation but for errors.
    [[nodiscard]] PATRON_API result<outcome> evaluate(std::span<value const> inputs,
                                                      std::span<std::uint16_t> hit = {}) const;
    /// What the rule at that position puts out, a value for each output. Precondition: there is such a rule.
    [[nodiscard]] std::span<value const> outputs(std::size_t rule) const noexcept {
        return {outputs_.data() + rule * output_count_, output_count_};
    }
    /// Why the rule at that position fired or did not. An unknown input that is required is no error here: no rule holds,
    /// and each says what else it saw. Errors: malformed and out_of_range as evaluate; errc::out_of_range when there is
    /// no such rule.
    [[nodiscard]] PATRON_API result<rule_look> look(std::size_t rule, std::span<value const> inputs) const;

    friend bool operator==(decision_table const& a, decision_table const& b) { return a.text_ == b.text_; }

    /// How one input's values are cut at the edges of all cells: within a segment every rule says the same.
    struct axis {
        std::vector<std::int64_t> starts;  ///< of the segments, rising; the first is `least`
        std::vector<std::uint64_t> masks;  ///< a row of bits for each segment, and one for unknown: rules that hold
        std::int64_t least = 0;
        std::int64_t most = 0;
        value::kind type = value::kind::number;  ///< of what comes in, where it is known
        bool required = true;                    ///< as the column has it

        /// Whether it can come in.
        [[nodiscard]] constexpr bool takes(value v) const noexcept {
            return v.is_known() ? v.type() == type && v.units() >= least && v.units() <= most : !required;
        }
    };
    /// For checks and for those who render tables. The rows of `masks` have `mask_words()` words.
    [[nodiscard]] std::span<axis const> axes() const noexcept { return axes_; }
    [[nodiscard]] std::size_t mask_words() const noexcept { return mask_words_; }

private:
    using mask_rows =
        std::array<std::uint64_t const*, most_table_columns>;  // of each input: its segment's, or unknown's

    decision_table() = default;
    [[nodiscard]] std::uint64_t const* row_of(std::size_t column, value v) const noexcept;
    [[nodiscard]] bool locate(std::span<value const> inputs, mask_rows& rows) const noexcept;
    [[nodiscard]] error fault_of(std::span<value const> inputs) const;
    [[nodiscard]] error fault_at(std::size_t column, value v) const;

    table_text text_;
    std::vector<axis> axes_;
    std::vector<value> outputs_;
    // counted once: a vector of large elements divides to tell its size
    std::size_t mask_words_ = 0;
    std::size_t output_count_ = 0;
};

/// How grave a finding is.
enum class gravity : std::uint8_t {
    error,    ///< the rulebook is not to be put in force
    warning,  ///< it may be meant so; a person should look
};
[[nodiscard]] PATRON_API std::string_view name_of(gravity g) noexcept;

/// Something that a check has found in a rulebook (ENG-10).
struct finding {
    /// An input and its value.
    struct input {
        std::string name{};
        std::string value{};
        friend bool operator==(input const&, input const&) = default;
    };

    policy::gravity gravity = policy::gravity::error;
    std::string code{};                ///< of what was found, e.g. "gap"
    std::string id{};                  ///< of the requirement that it touches
    std::string where{};               ///< the table, or the group of numbers
    std::vector<std::string> rules{};  ///< the rules or numbers at fault
    std::string en{};                  ///< for people
    std::string zh{};
    std::vector<input> example{};  ///< an input that triggers it

    friend bool operator==(finding const&, finding const&) = default;
};

/// One line: gravity, place, code, text and example.
[[nodiscard]] PATRON_API std::string to_text(finding const& f, language l = language::en);
/// Writes `to_text` in English.
PATRON_API std::ostream& operator<<(std::ostream&, finding const&);
PATRON_API std::ostream& operator<<(std::ostream&, value);

struct table_check_limits {
    std::size_t most_steps = 200'000;  ///< of the search through the table's boxes
    std::size_t most_findings = 20;    ///< of one kind; that there are more is said
};

/// What is wrong with a table by itself, for every input that there can be:
///
///     gap            no rule answers an input, and the table may not be silent
///     overlap        two rules of a unique table answer one input
///     contradiction  two rules that would both stand put out different things
///     unreachable    a rule that never stands, since rules before it answer all that it asks for
///     too_large      the search was cut, so that gaps and unreachable rules may have been missed
///
/// All are errors, and exact: the search cuts each input at the edges of the cells, and goes on only where the rules
/// that still hold differ. Complexity: bounded by the limits.
[[nodiscard]] PATRON_API std::vector<finding> check(decision_table const& table, table_check_limits limits = {});

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/decision_table.ipp>
#endif
