// A rulebook of two hundred rules in five tables, and the same decisions written by hand. Tables are asked as an embedder
// would ask them; the code is what one would write who had no tables. A test compares what they answer, a benchmark how
// long they take.
#pragma once
#include <patron/policy/rulebook.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace patron::tests::two_hundred {

enum class stage : std::uint8_t { prospect, initial, stable, strategic, declining, ended };
enum class tier : std::uint8_t { standard, silver, gold, diamond };
enum class standing : std::uint8_t { good, watch, reduced, cash_only, blocked };
enum class breach : std::uint8_t { price, territory, promotion, outlet, payment };
enum class channel : std::uint8_t { distribution, retail, project };
enum class effect : std::uint8_t {
    warning,
    rebate_cut,
    deposit_raised,
    promotion_withheld,
    terms_cut,
    supply_paused,
    contract_ended,
    audit
};

/// What is known of a customer.
struct customer_case {
    two_hundred::stage stage{};
    two_hundred::tier tier{};
    two_hundred::standing standing{};
    two_hundred::breach breach{};
    two_hundred::channel channel{};
    bool agreement = false;
    std::optional<std::int64_t> share{};   ///< basis points
    std::optional<std::int64_t> strain{};  ///< thousandths
    std::int64_t purchases = 0;            ///< minor units
    std::int64_t overdue = 0;              ///< days
    std::int64_t tenure = 0;               ///< months
    std::int64_t orders = 0;
    std::int64_t severity = 1;
    std::int64_t times = 1;
};

struct sanction {
    two_hundred::effect effect{};
    std::int64_t points = 0;
    friend bool operator==(sanction const&, sanction const&) = default;
};

/// Which of at most 64 rules hit.
struct hits {
    std::uint64_t rules = 0;
    void add(std::size_t rule) { rules |= std::uint64_t{1} << rule; }
    friend bool operator==(hits const&, hits const&) = default;
};

/// A decision: what every table says.
struct verdict_of_all {
    std::int64_t rebate = 0;  ///< basis points
    sanction penalty{};
    std::int64_t terms = 0;  ///< days
    hits rewards{};
    std::int64_t score = 0;
    friend bool operator==(verdict_of_all const&, verdict_of_all const&) = default;
};

inline customer_case random_case(std::mt19937_64& random) {
    auto const below = [&](std::uint64_t n) { return random() % n; };
    auto const number = [&](std::uint64_t n) { return static_cast<std::int64_t>(below(n)); };
    customer_case c{.stage = static_cast<stage>(below(6)),
                    .tier = static_cast<tier>(below(4)),
                    .standing = static_cast<standing>(below(5)),
                    .breach = static_cast<breach>(below(5)),
                    .channel = static_cast<channel>(below(3)),
                    .agreement = below(2) == 0};
    if (below(8) != 0) c.share = below(4) == 0 ? 5'00 * number(21) : number(100'01);  // edges too
    if (below(5) != 0) c.strain = below(4) == 0 ? 1'000 * number(11) : number(10'001);
    constexpr std::array scales{std::int64_t{100'000'00}, std::int64_t{1'000'000'00}, std::int64_t{4'000'000'00}};
    c.purchases =
        below(4) == 0 ? 50'000'00 * number(50) : number(static_cast<std::uint64_t>(scales[below(scales.size())]));
    c.overdue = below(3) == 0 ? 0 : number(below(2) == 0 ? 40 : 300);
    c.tenure = number(180);
    c.orders = number(below(2) == 0 ? 20 : 300);
    c.severity = 1 + number(5);
    c.times = 1 + number(4);
    return c;
}

// --- as a rulebook

namespace detail {

inline policy::column words(std::string name, std::vector<std::string> all) {
    policy::column c;
    c.name = std::move(name);
    c.type = policy::column_type::word;
    c.words = std::move(all);
    return c;
}
inline policy::column number(std::string name, int most, int digits = 0, bool required = true, int least = 0) {
    policy::column c;
    c.name = std::move(name);
    c.digits = digits;
    c.least = decimal{least, 0};
    c.most = decimal{most, 0};
    c.required = required;
    return c;
}
inline policy::column yes_no(std::string name) {
    policy::column c;
    c.name = std::move(name);
    c.type = policy::column_type::yes_no;
    return c;
}
inline policy::column output(std::string name) { return number(std::move(name), 1'000, 0, true, -1'000); }

struct line {
    char const* code;
    std::vector<std::string> when;
    std::vector<std::string> then;
};
inline policy::decision_table table(std::string name, policy::hit_policy hits, std::vector<policy::column> inputs,
                                    std::vector<policy::column> outputs, std::vector<line> const& lines) {
    policy::table_text text{
        .name = std::move(name), .hits = hits, .inputs = std::move(inputs), .outputs = std::move(outputs)};
    for (auto const& l : lines) text.rules.push_back({.code = l.code, .id = "ENG-9", .when = l.when, .then = l.then});
    return policy::decision_table::compile(std::move(text)).value();
}

}  // namespace detail

inline policy::rulebook book() {
    using namespace detail;
    auto const stages = words("stage", {"prospect", "initial", "stable", "strategic", "declining", "ended"});
    auto const tiers = words("tier", {"standard", "silver", "gold", "diamond"});
    auto const channels = words("channel", {"distribution", "retail", "project"});
    auto const share = number("share", 100, 2, false);
    auto const strain = number("strain", 10, 3, false);
    auto const purchases = number("purchases", 100'000'000, 2);
    auto const overdue = number("overdue_days", 10'000);
    auto const tenure = number("tenure_months", 1'000);
    policy::rulebook book;
    // clang-format off
    book.tables.push_back(table("rebate", policy::hit_policy::first,
        {stages, share, purchases, yes_no("agreement")}, {output("basis_points")}, {
        {"ended", {"ended", "-", "-", "-"}, {"0"}},
        {"in_1", {"initial", ">= 60", ">= 400000", "yes"}, {"310"}},
        {"in_2", {"initial", ">= 60", ">= 100000", "yes"}, {"280"}},
        {"in_3", {"initial", ">= 50", ">= 400000", "-"}, {"260"}},
        {"in_4", {"initial", ">= 50", ">= 100000", "-"}, {"230"}},
        {"in_5", {"initial", ">= 45", ">= 200000", "yes"}, {"220"}},
        {"in_6", {"initial", ">= 40", ">= 50000", "-"}, {"180"}},
        {"in_7", {"initial", ">= 30", ">= 200000", "-"}, {"170"}},
        {"in_8", {"initial", ">= 30", ">= 20000", "-"}, {"140"}},
        {"in_9", {"initial", ">= 20", ">= 50000", "yes"}, {"130"}},
        {"in_10", {"initial", ">= 20", ">= 10000", "-"}, {"90"}},
        {"st_1", {"stable, strategic", ">= 90", ">= 2000000", "yes"}, {"900"}},
        {"st_2", {"stable, strategic", ">= 90", ">= 800000", "yes"}, {"820"}},
        {"st_3", {"stable, strategic", ">= 90", ">= 800000", "-"}, {"760"}},
        {"st_4", {"stable, strategic", ">= 80", ">= 2000000", "yes"}, {"740"}},
        {"st_5", {"stable, strategic", ">= 80", ">= 1000000", "-"}, {"700"}},
        {"st_6", {"stable, strategic", ">= 75", ">= 500000", "yes"}, {"660"}},
        {"st_7", {"stable, strategic", ">= 75", ">= 200000", "-"}, {"610"}},
        {"st_8", {"stable, strategic", ">= 70", ">= 900000", "-"}, {"600"}},
        {"st_9", {"stable, strategic", ">= 65", ">= 400000", "yes"}, {"560"}},
        {"st_10", {"stable, strategic", ">= 65", ">= 100000", "-"}, {"520"}},
        {"st_11", {"stable, strategic", ">= 60", ">= 800000", "yes"}, {"500"}},
        {"st_12", {"stable, strategic", ">= 60", ">= 50000", "-"}, {"450"}},
        {"st_13", {"stable, strategic", ">= 55", ">= 300000", "-"}, {"430"}},
        {"st_14", {"stable, strategic", ">= 50", ">= 100000", "-"}, {"400"}},
        {"st_15", {"stable, strategic", ">= 45", ">= 600000", "yes"}, {"380"}},
        {"st_16", {"stable, strategic", ">= 45", ">= 20000", "-"}, {"330"}},
        {"de_1", {"declining", ">= 70", ">= 900000", "yes"}, {"300"}},
        {"de_2", {"declining", ">= 60", ">= 500000", "yes"}, {"260"}},
        {"de_3", {"declining", ">= 50", ">= 500000", "-"}, {"210"}},
        {"de_4", {"declining", ">= 45", ">= 100000", "yes"}, {"160"}},
        {"de_5", {"declining", ">= 30", ">= 100000", "-"}, {"110"}},
        {"de_6", {"declining", ">= 15", ">= 20000", "-"}, {"60"}},
        {"pr_1", {"prospect", "-", ">= 100000", "yes"}, {"45"}},
        {"pr_2", {"prospect", "unknown", "-", "yes"}, {"15"}},
        {"un_1", {"not(prospect, ended)", "unknown", ">= 300000", "-"}, {"120"}},
        {"un_2", {"not(prospect, ended)", "unknown", ">= 30000", "-"}, {"70"}},
        {"any_1", {"-", "-", ">= 500000", "-"}, {"50"}},
        {"any_2", {"-", "-", ">= 50000", "yes"}, {"20"}},
        {"none", {"-", "-", "-", "-"}, {"0"}},
    }));
    book.tables.push_back(table("penalty", policy::hit_policy::unique,
        {words("breach", {"price", "territory", "promotion", "outlet", "payment"}), number("severity", 5, 0, true, 1), number("times", 99, 0, true, 1)},
        {words("effect", {"warning", "rebate_cut", "deposit_raised", "promotion_withheld", "terms_cut", "supply_paused", "contract_ended", "audit"}), output("points")}, {
        {"price_1_once", {"price", "[1..2]", "1"}, {"warning", "9"}},
        {"price_1_again", {"price", "[1..2]", "> 1"}, {"deposit_raised", "15"}},
        {"price_2_once", {"price", "3", "1"}, {"rebate_cut", "21"}},
        {"price_2_again", {"price", "3", "> 1"}, {"promotion_withheld", "39"}},
        {"price_3_once", {"price", "4", "1"}, {"deposit_raised", "27"}},
        {"price_3_again", {"price", "4", "> 1"}, {"terms_cut", "32"}},
        {"price_4_once", {"price", "5", "1"}, {"promotion_withheld", "36"}},
        {"price_4_again", {"price", "5", "> 1"}, {"supply_paused", "39"}},
        {"territory_1_once", {"territory", "[1..2]", "1"}, {"rebate_cut", "13"}},
        {"territory_1_again", {"territory", "[1..2]", "> 1"}, {"promotion_withheld", "25"}},
        {"territory_2_once", {"territory", "3", "1"}, {"deposit_raised", "15"}},
        {"territory_2_again", {"territory", "3", "> 1"}, {"terms_cut", "25"}},
        {"territory_3_once", {"territory", "4", "1"}, {"promotion_withheld", "33"}},
        {"territory_3_again", {"territory", "4", "> 1"}, {"supply_paused", "53"}},
        {"territory_4_once", {"territory", "5", "1"}, {"terms_cut", "40"}},
        {"territory_4_again", {"territory", "5", "> 1"}, {"contract_ended", "51"}},
        {"promotion_1_once", {"promotion", "[1..2]", "1"}, {"warning", "6"}},
        {"promotion_1_again", {"promotion", "[1..2]", "> 1"}, {"deposit_raised", "17"}},
        {"promotion_2_once", {"promotion", "3", "1"}, {"rebate_cut", "18"}},
        {"promotion_2_again", {"promotion", "3", "> 1"}, {"promotion_withheld", "21"}},
        {"promotion_3_once", {"promotion", "4", "1"}, {"deposit_raised", "29"}},
        {"promotion_3_again", {"promotion", "4", "> 1"}, {"terms_cut", "57"}},
        {"promotion_4_once", {"promotion", "5", "1"}, {"promotion_withheld", "39"}},
        {"promotion_4_again", {"promotion", "5", "> 1"}, {"supply_paused", "48"}},
        {"outlet_1_once", {"outlet", "[1..2]", "1"}, {"warning", "9"}},
        {"outlet_1_again", {"outlet", "[1..2]", "> 1"}, {"deposit_raised", "21"}},
        {"outlet_2_once", {"outlet", "3", "1"}, {"rebate_cut", "20"}},
        {"outlet_2_again", {"outlet", "3", "> 1"}, {"promotion_withheld", "25"}},
        {"outlet_3_once", {"outlet", "4", "1"}, {"deposit_raised", "34"}},
        {"outlet_3_again", {"outlet", "4", "> 1"}, {"terms_cut", "47"}},
        {"outlet_4_once", {"outlet", "5", "1"}, {"promotion_withheld", "41"}},
        {"outlet_4_again", {"outlet", "5", "> 1"}, {"supply_paused", "60"}},
        {"payment_1_once", {"payment", "[1..2]", "1"}, {"warning", "7"}},
        {"payment_1_again", {"payment", "[1..2]", "> 1"}, {"deposit_raised", "17"}},
        {"payment_2_once", {"payment", "3", "1"}, {"rebate_cut", "22"}},
        {"payment_2_again", {"payment", "3", "> 1"}, {"promotion_withheld", "33"}},
        {"payment_3_once", {"payment", "4", "1"}, {"deposit_raised", "26"}},
        {"payment_3_again", {"payment", "4", "> 1"}, {"terms_cut", "55"}},
        {"payment_4_once", {"payment", "5", "1"}, {"promotion_withheld", "43"}},
        {"payment_4_again", {"payment", "5", "> 1"}, {"supply_paused", "72"}},
    }));
    book.tables.push_back(table("terms", policy::hit_policy::unique,
        {words("standing", {"good", "watch", "reduced", "cash_only", "blocked"}), overdue, share}, {output("days")}, {
        {"good_1_main", {"good", "0", ">= 50"}, {"88"}},
        {"good_1", {"good", "0", "< 50, unknown"}, {"78"}},
        {"good_2_main", {"good", "[1..15]", ">= 50"}, {"73"}},
        {"good_2", {"good", "[1..15]", "< 50, unknown"}, {"59"}},
        {"good_3_main", {"good", "(15..60]", ">= 50"}, {"56"}},
        {"good_3", {"good", "(15..60]", "< 50, unknown"}, {"43"}},
        {"good_4_main", {"good", "> 60", ">= 50"}, {"42"}},
        {"good_4", {"good", "> 60", "< 50, unknown"}, {"26"}},
        {"watch_1_main", {"watch", "0", ">= 50"}, {"61"}},
        {"watch_1", {"watch", "0", "< 50, unknown"}, {"47"}},
        {"watch_2_main", {"watch", "[1..15]", ">= 50"}, {"47"}},
        {"watch_2", {"watch", "[1..15]", "< 50, unknown"}, {"30"}},
        {"watch_3_main", {"watch", "(15..60]", ">= 50"}, {"34"}},
        {"watch_3", {"watch", "(15..60]", "< 50, unknown"}, {"21"}},
        {"watch_4_main", {"watch", "> 60", ">= 50"}, {"18"}},
        {"watch_4", {"watch", "> 60", "< 50, unknown"}, {"4"}},
        {"reduced_1_main", {"reduced", "0", ">= 50"}, {"40"}},
        {"reduced_1", {"reduced", "0", "< 50, unknown"}, {"29"}},
        {"reduced_2_main", {"reduced", "[1..15]", ">= 50"}, {"25"}},
        {"reduced_2", {"reduced", "[1..15]", "< 50, unknown"}, {"8"}},
        {"reduced_3_main", {"reduced", "(15..60]", ">= 50"}, {"8"}},
        {"reduced_3", {"reduced", "(15..60]", "< 50, unknown"}, {"0"}},
        {"reduced_4_main", {"reduced", "> 60", ">= 50"}, {"0"}},
        {"reduced_4", {"reduced", "> 60", "< 50, unknown"}, {"0"}},
        {"cash_only_1_main", {"cash_only", "0", ">= 50"}, {"14"}},
        {"cash_only_1", {"cash_only", "0", "< 50, unknown"}, {"3"}},
        {"cash_only_2_main", {"cash_only", "[1..15]", ">= 50"}, {"0"}},
        {"cash_only_2", {"cash_only", "[1..15]", "< 50, unknown"}, {"0"}},
        {"cash_only_3_main", {"cash_only", "(15..60]", ">= 50"}, {"0"}},
        {"cash_only_3", {"cash_only", "(15..60]", "< 50, unknown"}, {"0"}},
        {"cash_only_4_main", {"cash_only", "> 60", ">= 50"}, {"0"}},
        {"cash_only_4", {"cash_only", "> 60", "< 50, unknown"}, {"0"}},
        {"blocked_1_main", {"blocked", "0", ">= 50"}, {"0"}},
        {"blocked_1", {"blocked", "0", "< 50, unknown"}, {"0"}},
        {"blocked_2_main", {"blocked", "[1..15]", ">= 50"}, {"0"}},
        {"blocked_2", {"blocked", "[1..15]", "< 50, unknown"}, {"0"}},
        {"blocked_3_main", {"blocked", "(15..60]", ">= 50"}, {"0"}},
        {"blocked_3", {"blocked", "(15..60]", "< 50, unknown"}, {"0"}},
        {"blocked_4_main", {"blocked", "> 60", ">= 50"}, {"0"}},
        {"blocked_4", {"blocked", "> 60", "< 50, unknown"}, {"0"}},
    }));
    book.tables.push_back(table("rewards", policy::hit_policy::collect,
        {channels, tiers, tenure, strain, overdue}, {output("reward")}, {
        {"g1_1", {"-", "-", "[6..54)", "-", "-"}, {"10"}},
        {"g1_2", {"-", "-", ">= 60", "<= 1", "-"}, {"11"}},
        {"g1_3", {"-", "-", "-", "unknown", "0"}, {"12"}},
        {"g1_4", {"-", "-", "-", "(4..6], unknown", "< 30"}, {"13"}},
        {"g1_5", {"-", "-", "not([6..120])", "> 5", "> 90"}, {"14"}},
        {"g2_1", {"retail, project", "-", "[6..24)", "-", "-"}, {"15"}},
        {"g2_2", {"retail, project", "-", ">= 24", "<= 2", "-"}, {"16"}},
        {"g2_3", {"retail, project", "-", "-", "unknown", "<= 10"}, {"17"}},
        {"g2_4", {"retail, project", "-", "-", "(2..4], unknown", "< 30"}, {"18"}},
        {"g2_5", {"retail, project", "-", "not([12..120])", "> 5", "> 90"}, {"19"}},
        {"g3_1", {"-", "gold, diamond", "[3..27)", "-", "-"}, {"20"}},
        {"g3_2", {"-", "gold, diamond", ">= 36", "<= 2", "-"}, {"21"}},
        {"g3_3", {"-", "gold, diamond", "-", "unknown", "0"}, {"22"}},
        {"g3_4", {"-", "gold, diamond", "-", "(4..6], unknown", "< 30"}, {"23"}},
        {"g3_5", {"-", "gold, diamond", "not([6..120])", "> 5", "> 90"}, {"24"}},
        {"g4_1", {"distribution", "not(standard)", "[12..30)", "-", "-"}, {"25"}},
        {"g4_2", {"distribution", "not(standard)", ">= 36", "<= 2", "-"}, {"26"}},
        {"g4_3", {"distribution", "not(standard)", "-", "unknown", "0"}, {"27"}},
        {"g4_4", {"distribution", "not(standard)", "-", "(4..6], unknown", "< 30"}, {"28"}},
        {"g4_5", {"distribution", "not(standard)", "not([12..90])", "> 5", "> 90"}, {"29"}},
        {"g5_1", {"project", "-", "[6..54)", "-", "-"}, {"30"}},
        {"g5_2", {"project", "-", ">= 24", "<= 2", "-"}, {"31"}},
        {"g5_3", {"project", "-", "-", "unknown", "0"}, {"32"}},
        {"g5_4", {"project", "-", "-", "(4..6], unknown", "< 30"}, {"33"}},
        {"g5_5", {"project", "-", "not([6..120])", "> 5", "> 90"}, {"34"}},
        {"g6_1", {"-", "silver", "[6..30)", "-", "-"}, {"35"}},
        {"g6_2", {"-", "silver", ">= 60", "<= 1", "-"}, {"36"}},
        {"g6_3", {"-", "silver", "-", "unknown", "<= 5"}, {"37"}},
        {"g6_4", {"-", "silver", "-", "(2..4], unknown", "< 30"}, {"38"}},
        {"g6_5", {"-", "silver", "not([12..90])", "> 5", "> 90"}, {"39"}},
        {"g7_1", {"distribution, retail", "-", "[3..21)", "-", "-"}, {"40"}},
        {"g7_2", {"distribution, retail", "-", ">= 24", "<= 1", "-"}, {"41"}},
        {"g7_3", {"distribution, retail", "-", "-", "unknown", "<= 10"}, {"42"}},
        {"g7_4", {"distribution, retail", "-", "-", "(2..4], unknown", "< 30"}, {"43"}},
        {"g7_5", {"distribution, retail", "-", "not([6..90])", "> 5", "> 90"}, {"44"}},
        {"g8_1", {"-", "diamond", "[12..36)", "-", "-"}, {"45"}},
        {"g8_2", {"-", "diamond", ">= 60", "<= 1", "-"}, {"46"}},
        {"g8_3", {"-", "diamond", "-", "unknown", "<= 5"}, {"47"}},
        {"g8_4", {"-", "diamond", "-", "(2..4], unknown", "< 30"}, {"48"}},
        {"g8_5", {"-", "diamond", "not([6..120])", "> 5", "> 90"}, {"49"}},
    }));
    book.tables.push_back(table("score", policy::hit_policy::collect_sum,
        {purchases, share, overdue, tenure, strain, number("orders", 10'000), stages, channels}, {output("points")}, {
        {"purchases_1", {"< 10000", "-", "-", "-", "-", "-", "-", "-"}, {"0"}},
        {"purchases_2", {"[10000..50000)", "-", "-", "-", "-", "-", "-", "-"}, {"4"}},
        {"purchases_3", {"[50000..200000)", "-", "-", "-", "-", "-", "-", "-"}, {"9"}},
        {"purchases_4", {"[200000..800000)", "-", "-", "-", "-", "-", "-", "-"}, {"15"}},
        {"purchases_5", {">= 800000", "-", "-", "-", "-", "-", "-", "-"}, {"22"}},
        {"share_1", {"-", "< 20", "-", "-", "-", "-", "-", "-"}, {"1"}},
        {"share_2", {"-", "[20..45)", "-", "-", "-", "-", "-", "-"}, {"6"}},
        {"share_3", {"-", "[45..70)", "-", "-", "-", "-", "-", "-"}, {"12"}},
        {"share_4", {"-", ">= 70", "-", "-", "-", "-", "-", "-"}, {"20"}},
        {"share_unknown", {"-", "unknown", "-", "-", "-", "-", "-", "-"}, {"3"}},
        {"overdue_1", {"-", "-", "< 1", "-", "-", "-", "-", "-"}, {"18"}},
        {"overdue_2", {"-", "-", "[1..10)", "-", "-", "-", "-", "-"}, {"11"}},
        {"overdue_3", {"-", "-", "[10..30)", "-", "-", "-", "-", "-"}, {"5"}},
        {"overdue_4", {"-", "-", "[30..90)", "-", "-", "-", "-", "-"}, {"2"}},
        {"overdue_5", {"-", "-", ">= 90", "-", "-", "-", "-", "-"}, {"0"}},
        {"tenure_1", {"-", "-", "-", "< 6", "-", "-", "-", "-"}, {"0"}},
        {"tenure_2", {"-", "-", "-", "[6..24)", "-", "-", "-", "-"}, {"3"}},
        {"tenure_3", {"-", "-", "-", "[24..60)", "-", "-", "-", "-"}, {"7"}},
        {"tenure_4", {"-", "-", "-", "[60..120)", "-", "-", "-", "-"}, {"11"}},
        {"tenure_5", {"-", "-", "-", ">= 120", "-", "-", "-", "-"}, {"16"}},
        {"strain_1", {"-", "-", "-", "-", "< 1", "-", "-", "-"}, {"14"}},
        {"strain_2", {"-", "-", "-", "-", "[1..3)", "-", "-", "-"}, {"9"}},
        {"strain_3", {"-", "-", "-", "-", "[3..6)", "-", "-", "-"}, {"4"}},
        {"strain_4", {"-", "-", "-", "-", ">= 6", "-", "-", "-"}, {"0"}},
        {"strain_unknown", {"-", "-", "-", "-", "unknown", "-", "-", "-"}, {"8"}},
        {"orders_1", {"-", "-", "-", "-", "-", "< 2", "-", "-"}, {"0"}},
        {"orders_2", {"-", "-", "-", "-", "-", "[2..10)", "-", "-"}, {"2"}},
        {"orders_3", {"-", "-", "-", "-", "-", "[10..40)", "-", "-"}, {"6"}},
        {"orders_4", {"-", "-", "-", "-", "-", "[40..150)", "-", "-"}, {"10"}},
        {"orders_5", {"-", "-", "-", "-", "-", ">= 150", "-", "-"}, {"13"}},
        {"stage_1", {"-", "-", "-", "-", "-", "-", "strategic", "-"}, {"20"}},
        {"stage_2", {"-", "-", "-", "-", "-", "-", "stable", "-"}, {"14"}},
        {"stage_3", {"-", "-", "-", "-", "-", "-", "initial", "-"}, {"8"}},
        {"stage_4", {"-", "-", "-", "-", "-", "-", "declining", "-"}, {"3"}},
        {"stage_5", {"-", "-", "-", "-", "-", "-", "prospect, ended", "-"}, {"1"}},
        {"channel_1", {"-", "-", "-", "-", "-", "-", "-", "distribution"}, {"7"}},
        {"channel_2", {"-", "-", "-", "-", "-", "-", "-", "retail"}, {"5"}},
        {"channel_3", {"-", "-", "-", "-", "-", "-", "-", "project"}, {"2"}},
        {"lost_1", {"-", "-", "> 180", "-", "> 7", "-", "-", "-"}, {"-25"}},
        {"worth_saving", {"-", ">= 60", "-", "-", "-", "-", "declining", "-"}, {"12"}},
    }));
    // clang-format on
    return book;
}

/// Asks the book's tables for a decision.
class by_tables {
public:
    explicit by_tables(policy::rulebook const& book)
        : rebate_{*book.table("rebate")},
          penalty_{*book.table("penalty")},
          terms_{*book.table("terms")},
          rewards_{*book.table("rewards")},
          score_{*book.table("score")} {}

    [[nodiscard]] verdict_of_all decide(customer_case const& c) const {
        using policy::value;
        auto const word = [](auto w) { return value::word(static_cast<std::size_t>(w)); };
        auto const known = [](std::optional<std::int64_t> n) { return n ? value::number(*n) : value{}; };
        auto const stage = word(c.stage);
        auto const channel = word(c.channel);
        auto const share = known(c.share);
        auto const strain = known(c.strain);
        auto const purchases = value::number(c.purchases);
        auto const overdue = value::number(c.overdue);
        auto const tenure = value::number(c.tenure);

        verdict_of_all all;
        all.rebate = stands(rebate_, std::array{stage, share, purchases, value::yes_no(c.agreement)})[0].units();
        auto const penalty =
            stands(penalty_, std::array{word(c.breach), value::number(c.severity), value::number(c.times)});
        all.penalty = {static_cast<effect>(penalty[0].units()), penalty[1].units()};
        all.terms = stands(terms_, std::array{word(c.standing), overdue, share})[0].units();
        std::array<std::uint16_t, 40> hit;
        auto const rewards = rewards_.evaluate(std::array{channel, word(c.tier), tenure, strain, overdue}, hit).value();
        for (std::size_t i = 0; i < rewards.hits; ++i) all.rewards.add(hit[i]);
        all.score = *score_
                         .evaluate(std::array{purchases, share, overdue, tenure, strain, value::number(c.orders), stage,
                                              channel})
                         .value()
                         .collected;
        return all;
    }

private:
    template <std::size_t N>
    static std::span<policy::value const> stands(policy::decision_table const& t,
                                                 std::array<policy::value, N> const& inputs) {
        return t.outputs(*t.evaluate(inputs).value().rule);
    }

    policy::decision_table const& rebate_;
    policy::decision_table const& penalty_;
    policy::decision_table const& terms_;
    policy::decision_table const& rewards_;
    policy::decision_table const& score_;
};

// --- by hand

namespace by_hand {

// clang-format off
inline std::int64_t rebate(customer_case const& c) {
    switch (c.stage) {
        case stage::ended: return 0;
        case stage::initial:
            if (c.share >= 60'00 && c.purchases >= 400'000'00 && c.agreement) return 310;
            if (c.share >= 60'00 && c.purchases >= 100'000'00 && c.agreement) return 280;
            if (c.share >= 50'00 && c.purchases >= 400'000'00) return 260;
            if (c.share >= 50'00 && c.purchases >= 100'000'00) return 230;
            if (c.share >= 45'00 && c.purchases >= 200'000'00 && c.agreement) return 220;
            if (c.share >= 40'00 && c.purchases >= 50'000'00) return 180;
            if (c.share >= 30'00 && c.purchases >= 200'000'00) return 170;
            if (c.share >= 30'00 && c.purchases >= 20'000'00) return 140;
            if (c.share >= 20'00 && c.purchases >= 50'000'00 && c.agreement) return 130;
            if (c.share >= 20'00 && c.purchases >= 10'000'00) return 90;
            break;
        case stage::stable:
        case stage::strategic:
            if (c.share >= 90'00 && c.purchases >= 2'000'000'00 && c.agreement) return 900;
            if (c.share >= 90'00 && c.purchases >= 800'000'00 && c.agreement) return 820;
            if (c.share >= 90'00 && c.purchases >= 800'000'00) return 760;
            if (c.share >= 80'00 && c.purchases >= 2'000'000'00 && c.agreement) return 740;
            if (c.share >= 80'00 && c.purchases >= 1'000'000'00) return 700;
            if (c.share >= 75'00 && c.purchases >= 500'000'00 && c.agreement) return 660;
            if (c.share >= 75'00 && c.purchases >= 200'000'00) return 610;
            if (c.share >= 70'00 && c.purchases >= 900'000'00) return 600;
            if (c.share >= 65'00 && c.purchases >= 400'000'00 && c.agreement) return 560;
            if (c.share >= 65'00 && c.purchases >= 100'000'00) return 520;
            if (c.share >= 60'00 && c.purchases >= 800'000'00 && c.agreement) return 500;
            if (c.share >= 60'00 && c.purchases >= 50'000'00) return 450;
            if (c.share >= 55'00 && c.purchases >= 300'000'00) return 430;
            if (c.share >= 50'00 && c.purchases >= 100'000'00) return 400;
            if (c.share >= 45'00 && c.purchases >= 600'000'00 && c.agreement) return 380;
            if (c.share >= 45'00 && c.purchases >= 20'000'00) return 330;
            break;
        case stage::declining:
            if (c.share >= 70'00 && c.purchases >= 900'000'00 && c.agreement) return 300;
            if (c.share >= 60'00 && c.purchases >= 500'000'00 && c.agreement) return 260;
            if (c.share >= 50'00 && c.purchases >= 500'000'00) return 210;
            if (c.share >= 45'00 && c.purchases >= 100'000'00 && c.agreement) return 160;
            if (c.share >= 30'00 && c.purchases >= 100'000'00) return 110;
            if (c.share >= 15'00 && c.purchases >= 20'000'00) return 60;
            break;
        case stage::prospect:
            if (c.purchases >= 100'000'00 && c.agreement) return 45;
            if (!c.share && c.agreement) return 15;
            break;
    }
    if (!c.share && c.stage != stage::prospect) {
        if (c.purchases >= 300'000'00) return 120;
        if (c.purchases >= 30'000'00) return 70;
    }
    if (c.purchases >= 500'000'00) return 50;
    if (c.purchases >= 50'000'00 && c.agreement) return 20;
    return 0;
}

inline sanction penalty(customer_case const& c) {
    switch (c.breach) {
        case breach::price:
            if (c.severity <= 2) return c.times == 1 ? sanction{effect::warning, 9} : sanction{effect::deposit_raised, 15};
            if (c.severity == 3) return c.times == 1 ? sanction{effect::rebate_cut, 21} : sanction{effect::promotion_withheld, 39};
            if (c.severity == 4) return c.times == 1 ? sanction{effect::deposit_raised, 27} : sanction{effect::terms_cut, 32};
            return c.times == 1 ? sanction{effect::promotion_withheld, 36} : sanction{effect::supply_paused, 39};
        case breach::territory:
            if (c.severity <= 2) return c.times == 1 ? sanction{effect::rebate_cut, 13} : sanction{effect::promotion_withheld, 25};
            if (c.severity == 3) return c.times == 1 ? sanction{effect::deposit_raised, 15} : sanction{effect::terms_cut, 25};
            if (c.severity == 4) return c.times == 1 ? sanction{effect::promotion_withheld, 33} : sanction{effect::supply_paused, 53};
            return c.times == 1 ? sanction{effect::terms_cut, 40} : sanction{effect::contract_ended, 51};
        case breach::promotion:
            if (c.severity <= 2) return c.times == 1 ? sanction{effect::warning, 6} : sanction{effect::deposit_raised, 17};
            if (c.severity == 3) return c.times == 1 ? sanction{effect::rebate_cut, 18} : sanction{effect::promotion_withheld, 21};
            if (c.severity == 4) return c.times == 1 ? sanction{effect::deposit_raised, 29} : sanction{effect::terms_cut, 57};
            return c.times == 1 ? sanction{effect::promotion_withheld, 39} : sanction{effect::supply_paused, 48};
        case breach::outlet:
            if (c.severity <= 2) return c.times == 1 ? sanction{effect::warning, 9} : sanction{effect::deposit_raised, 21};
            if (c.severity == 3) return c.times == 1 ? sanction{effect::rebate_cut, 20} : sanction{effect::promotion_withheld, 25};
            if (c.severity == 4) return c.times == 1 ? sanction{effect::deposit_raised, 34} : sanction{effect::terms_cut, 47};
            return c.times == 1 ? sanction{effect::promotion_withheld, 41} : sanction{effect::supply_paused, 60};
        case breach::payment:
            if (c.severity <= 2) return c.times == 1 ? sanction{effect::warning, 7} : sanction{effect::deposit_raised, 17};
            if (c.severity == 3) return c.times == 1 ? sanction{effect::rebate_cut, 22} : sanction{effect::promotion_withheld, 33};
            if (c.severity == 4) return c.times == 1 ? sanction{effect::deposit_raised, 26} : sanction{effect::terms_cut, 55};
            return c.times == 1 ? sanction{effect::promotion_withheld, 43} : sanction{effect::supply_paused, 72};
    }
    return {};
}

inline std::int64_t terms(customer_case const& c) {
    auto const main = c.share >= 50'00;
    switch (c.standing) {
        case standing::good:
            if (c.overdue == 0) return main ? 88 : 78;
            if (c.overdue <= 15) return main ? 73 : 59;
            if (c.overdue <= 60) return main ? 56 : 43;
            return main ? 42 : 26;
        case standing::watch:
            if (c.overdue == 0) return main ? 61 : 47;
            if (c.overdue <= 15) return main ? 47 : 30;
            if (c.overdue <= 60) return main ? 34 : 21;
            return main ? 18 : 4;
        case standing::reduced:
            if (c.overdue == 0) return main ? 40 : 29;
            if (c.overdue <= 15) return main ? 25 : 8;
            if (c.overdue <= 60) return main ? 8 : 0;
            return main ? 0 : 0;
        case standing::cash_only:
            if (c.overdue == 0) return main ? 14 : 3;
            if (c.overdue <= 15) return main ? 0 : 0;
            if (c.overdue <= 60) return main ? 0 : 0;
            return main ? 0 : 0;
        case standing::blocked:
            if (c.overdue == 0) return main ? 0 : 0;
            if (c.overdue <= 15) return main ? 0 : 0;
            if (c.overdue <= 60) return main ? 0 : 0;
            return main ? 0 : 0;
    }
    return 0;
}

inline hits rewards(customer_case const& c) {
    hits out;
    if (c.tenure >= 6 && c.tenure < 54) out.add(0);
    if (c.tenure >= 60 && c.strain && *c.strain <= 1'000) out.add(1);
    if (!c.strain && c.overdue == 0) out.add(2);
    if ((!c.strain || (*c.strain > 4'000 && *c.strain <= 6'000)) && c.overdue < 30) out.add(3);
    if ((c.tenure < 6 || c.tenure > 120) && c.strain && *c.strain > 5'000 && c.overdue > 90) out.add(4);
    if (c.channel != channel::distribution) {
        if (c.tenure >= 6 && c.tenure < 24) out.add(5);
        if (c.tenure >= 24 && c.strain && *c.strain <= 2'000) out.add(6);
        if (!c.strain && c.overdue <= 10) out.add(7);
        if ((!c.strain || (*c.strain > 2'000 && *c.strain <= 4'000)) && c.overdue < 30) out.add(8);
        if ((c.tenure < 12 || c.tenure > 120) && c.strain && *c.strain > 5'000 && c.overdue > 90) out.add(9);
    }
    if (c.tier >= tier::gold) {
        if (c.tenure >= 3 && c.tenure < 27) out.add(10);
        if (c.tenure >= 36 && c.strain && *c.strain <= 2'000) out.add(11);
        if (!c.strain && c.overdue == 0) out.add(12);
        if ((!c.strain || (*c.strain > 4'000 && *c.strain <= 6'000)) && c.overdue < 30) out.add(13);
        if ((c.tenure < 6 || c.tenure > 120) && c.strain && *c.strain > 5'000 && c.overdue > 90) out.add(14);
    }
    if (c.channel == channel::distribution && c.tier != tier::standard) {
        if (c.tenure >= 12 && c.tenure < 30) out.add(15);
        if (c.tenure >= 36 && c.strain && *c.strain <= 2'000) out.add(16);
        if (!c.strain && c.overdue == 0) out.add(17);
        if ((!c.strain || (*c.strain > 4'000 && *c.strain <= 6'000)) && c.overdue < 30) out.add(18);
        if ((c.tenure < 12 || c.tenure > 90) && c.strain && *c.strain > 5'000 && c.overdue > 90) out.add(19);
    }
    if (c.channel == channel::project) {
        if (c.tenure >= 6 && c.tenure < 54) out.add(20);
        if (c.tenure >= 24 && c.strain && *c.strain <= 2'000) out.add(21);
        if (!c.strain && c.overdue == 0) out.add(22);
        if ((!c.strain || (*c.strain > 4'000 && *c.strain <= 6'000)) && c.overdue < 30) out.add(23);
        if ((c.tenure < 6 || c.tenure > 120) && c.strain && *c.strain > 5'000 && c.overdue > 90) out.add(24);
    }
    if (c.tier == tier::silver) {
        if (c.tenure >= 6 && c.tenure < 30) out.add(25);
        if (c.tenure >= 60 && c.strain && *c.strain <= 1'000) out.add(26);
        if (!c.strain && c.overdue <= 5) out.add(27);
        if ((!c.strain || (*c.strain > 2'000 && *c.strain <= 4'000)) && c.overdue < 30) out.add(28);
        if ((c.tenure < 12 || c.tenure > 90) && c.strain && *c.strain > 5'000 && c.overdue > 90) out.add(29);
    }
    if (c.channel != channel::project) {
        if (c.tenure >= 3 && c.tenure < 21) out.add(30);
        if (c.tenure >= 24 && c.strain && *c.strain <= 1'000) out.add(31);
        if (!c.strain && c.overdue <= 10) out.add(32);
        if ((!c.strain || (*c.strain > 2'000 && *c.strain <= 4'000)) && c.overdue < 30) out.add(33);
        if ((c.tenure < 6 || c.tenure > 90) && c.strain && *c.strain > 5'000 && c.overdue > 90) out.add(34);
    }
    if (c.tier == tier::diamond) {
        if (c.tenure >= 12 && c.tenure < 36) out.add(35);
        if (c.tenure >= 60 && c.strain && *c.strain <= 1'000) out.add(36);
        if (!c.strain && c.overdue <= 5) out.add(37);
        if ((!c.strain || (*c.strain > 2'000 && *c.strain <= 4'000)) && c.overdue < 30) out.add(38);
        if ((c.tenure < 6 || c.tenure > 120) && c.strain && *c.strain > 5'000 && c.overdue > 90) out.add(39);
    }
    return out;
}

inline std::int64_t score(customer_case const& c) {
    int points = 0;
    if (c.purchases < 10'000'00) points += 0;
    else if (c.purchases < 50'000'00) points += 4;
    else if (c.purchases < 200'000'00) points += 9;
    else if (c.purchases < 800'000'00) points += 15;
    else points += 22;
    if (!c.share) points += 3;
    else if (*c.share < 20'00) points += 1;
    else if (*c.share < 45'00) points += 6;
    else if (*c.share < 70'00) points += 12;
    else points += 20;
    if (c.overdue < 1) points += 18;
    else if (c.overdue < 10) points += 11;
    else if (c.overdue < 30) points += 5;
    else if (c.overdue < 90) points += 2;
    else points += 0;
    if (c.tenure < 6) points += 0;
    else if (c.tenure < 24) points += 3;
    else if (c.tenure < 60) points += 7;
    else if (c.tenure < 120) points += 11;
    else points += 16;
    if (!c.strain) points += 8;
    else if (*c.strain < 1'000) points += 14;
    else if (*c.strain < 3'000) points += 9;
    else if (*c.strain < 6'000) points += 4;
    else points += 0;
    if (c.orders < 2) points += 0;
    else if (c.orders < 10) points += 2;
    else if (c.orders < 40) points += 6;
    else if (c.orders < 150) points += 10;
    else points += 13;
    switch (c.stage) {
        case stage::strategic: points += 20; break;
        case stage::stable: points += 14; break;
        case stage::initial: points += 8; break;
        case stage::declining: points += 3; break;
        case stage::prospect:
        case stage::ended: points += 1; break;
    }
    switch (c.channel) {
        case channel::distribution: points += 7; break;
        case channel::retail: points += 5; break;
        case channel::project: points += 2; break;
    }
    if (c.overdue > 180 && c.strain && *c.strain > 7'000) points -= 25;
    if (c.share >= 60'00 && c.stage == stage::declining) points += 12;
    return points;
}
// clang-format on

inline verdict_of_all decide(customer_case const& c) {
    return {.rebate = rebate(c), .penalty = penalty(c), .terms = terms(c), .rewards = rewards(c), .score = score(c)};
}

}  // namespace by_hand

}  // namespace patron::tests::two_hundred
