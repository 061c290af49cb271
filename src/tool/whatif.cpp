#include "command.hpp"

#include <patron/engine/credit_course.hpp>
#include <patron/machine/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

namespace tool {

using namespace patron;

namespace {

struct whatif_options {
    feed_options feeds;
    std::vector<std::string> rules;
    std::string format = "table";
    std::string customers = "changed";
    bool credit = false;
};

using credit_courses = std::vector<credit_course>;

/// The numbers of a course with their titles: those that are money, and how many orders.
constexpr std::pair<std::string_view, std::int64_t credit_course::*> credit_sums[] = {
    {"ordered", &credit_course::ordered},
    {"refused", &credit_course::refused},
    {"lost", &credit_course::lost},
    {"spared", &credit_course::spared}};
constexpr std::pair<std::string_view, std::uint64_t credit_course::*> credit_counts[] = {
    {"orders", &credit_course::orders}, {"orders_refused", &credit_course::orders_refused}};

std::string credit_json(credit_course const& c) {
    auto out = fmt::format("{{\"currency\":\"{}\"", c.in.code());
    for (auto const& [name, part] : credit_counts) out += fmt::format(",\"{}\":{}", name, c.*part);
    for (auto const& [name, part] : credit_sums)
        out += fmt::format(",\"{}\":\"{}\"", name, money{c.*part, c.in}.to_string());
    return out + '}';
}
std::string credit_json(credit_courses const& all) {
    std::string out;
    for (auto const& c : all) out += (out.empty() ? "" : ",") + credit_json(c);
    return '[' + out + ']';
}

/// Lending to every customer under both rulebooks.
class lending {
public:
    lending(what_if const& both, day as_of)
        : a_{or_stop(credit_courses_by_customer(both.a(), as_of), failed)},
          b_{or_stop(credit_courses_by_customer(both.b(), as_of), failed)} {}

    /// Looks at one customer: true, and noted, where the books alone do not show that they lend to it in different ways.
    bool look(compared_customer const& c) {
        last_a_ = &course_of(a_, c);
        last_b_ = &course_of(b_, c);
        if (*last_a_ == *last_b_ || c.differs.credit) return false;
        ++credit_alone_differs_;
        if (!c.differs.any()) ++nothing_else_differs_;
        return true;
    }
    /// What a comparison of the books alone has left out.
    void add_to(book_comparison& sum) const {
        sum.differ += nothing_else_differs_;
        sum.credit_differs += credit_alone_differs_;
    }
    [[nodiscard]] std::pair<credit_courses, credit_courses> sums() const { return {sum_of(a_), sum_of(b_)}; }

    [[nodiscard]] std::string json_of_last() const {
        return fmt::format(",\"credit\":{{\"a\":{},\"b\":{}}}", credit_json(*last_a_), credit_json(*last_b_));
    }
    [[nodiscard]] std::string text_of_last() const {
        std::string out;
        if (last_a_->orders == 0) return out;
        for (auto const& [side, course] : {std::pair{'a', last_a_}, {'b', last_b_}}) {
            out +=
                fmt::format("  {}: {} of {} orders refused, {} of {}; lost {}, spared {}\n", side,
                            course->orders_refused, course->orders, money{course->refused, course->in}.to_string(),
                            money{course->ordered, course->in}.to_string(), money{course->lost, course->in}.to_string(),
                            money{course->spared, course->in}.to_string());
        }
        return out;
    }

private:
    using by_customer = std::vector<customer_credit_course>;

    /// Precondition: a book that was compared.
    static credit_course const& course_of(by_customer const& all, compared_customer const& c) {
        return std::lower_bound(
                   all.begin(), all.end(), c.a.row.profile.code,
                   [](customer_credit_course const& one, std::string_view code) { return one.customer < code; })
            ->course;
    }
    static credit_courses sum_of(by_customer const& all) {
        credit_courses courses;
        courses.reserve(all.size());
        for (auto const& one : all) courses.push_back(one.course);
        return or_stop(sums_of(courses), failed);
    }

    by_customer a_;
    by_customer b_;
    credit_course const* last_a_ = nullptr;
    credit_course const* last_b_ = nullptr;
    std::uint64_t credit_alone_differs_ = 0;
    std::uint64_t nothing_else_differs_ = 0;
};

/// The orders are facts, the same in both books: so are the currencies.
void print_credit(credit_courses const& a, credit_courses const& b) {
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        write_out(fmt::format("{:<36}{:>26}{:>26}\n", fmt::format("{} orders refused", a[i].in.code()),
                              fmt::format("{} of {}", a[i].orders_refused, a[i].orders),
                              fmt::format("{} of {}", b[i].orders_refused, b[i].orders)));
        for (auto const& [name, part] : credit_sums) {
            write_out(fmt::format("{:<36}{:>26}{:>26}\n", fmt::format("credit {}", name),
                                  money{a[i].*part, a[i].in}.to_string(), money{b[i].*part, b[i].in}.to_string()));
        }
    }
}

/// Oldest first: "prospect, initial 2025-01-02, stable 2025-02-28".
std::string path_text(lifecycle::stage_history const& path) {
    std::string out;
    for (auto const& stay : path.stays) {
        out += out.empty() ? "" : ", ";
        out += name_of(stay.stage);
        if (&stay != &path.stays.front()) out += ' ' + to_string(day_of(stay.entered));
    }
    return out;
}

std::string days_text(lifecycle::stage_history const& path) {
    std::string out;
    for (std::size_t s = 0; s < stage_count; ++s) {
        auto const days = path.by_stage[s].cumulative_days;
        if (days > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name_of(static_cast<stage>(s)), days);
    }
    return out.empty() ? "-" : out;
}

std::string evidence_text(customer_row const& row) {
    std::string out;
    for (auto const& e : row.evidence) {
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", e.kind, decimal{e.weight, 3}.to_string());
    }
    return out.empty() ? "-" : out;
}

std::string differs_text(course_differences const& d) {
    std::string out;
    for (auto const& [differs, name] : {std::pair{d.stage, "stage"},
                                        {d.path, "path"},
                                        {d.share, "share"},
                                        {d.evidence, "evidence"},
                                        {d.rebates, "rebates"},
                                        {d.credit, "credit"},
                                        {d.powers, "powers"}}) {
        if (differs) out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
    }
    return out.empty() ? "nothing" : out;
}

void print_customer(compared_customer const& c) {
    write_out(fmt::format("{}  {}  differs in: {}\n", c.a.row.profile.code, c.a.row.profile.name.substr(0, 60),
                          differs_text(c.differs)));
    for (auto const& [side, course] : {std::pair{'a', &c.a}, {'b', &c.b}}) {
        write_out(fmt::format("  {}: {}\n     days: {}\n     evidence: {}\n", side, path_text(course->path),
                              days_text(course->path), evidence_text(course->row)));
    }
}

void print_numbers(std::string_view title, std::uint64_t a, std::uint64_t b) {
    if (a == 0 && b == 0) return;
    auto const difference = fmt::format("{:+}", static_cast<std::int64_t>(b) - static_cast<std::int64_t>(a));
    write_out(fmt::format("{:<36}{:>14}{:>14}{:>12}\n", title, a, b, difference));
}

void print_sum(book_comparison const& sum, std::uint64_t const (&rejected)[2]) {
    auto const& a = sum.a;
    auto const& b = sum.b;
    write_out(fmt::format(
        "a: {}\nb: {}\n{} customers, {} differ: {} in stage, {} in path, {} in share, {} in evidence, "
        "{} in rebates, {} in credit, {} in powers\n\n",
        a.rulebook, b.rulebook, sum.customers, sum.differ, sum.stage_differs, sum.path_differs, sum.share_differs,
        sum.evidence_differs, sum.rebates_differ, sum.credit_differs, sum.powers_differ));
    write_out(fmt::format("{:<36}", "customers, under a down, b across"));
    for (std::size_t to = 0; to < stage_count; ++to) write_out(fmt::format("{:>11}", name_of(static_cast<stage>(to))));
    write_out("\n");
    for (std::size_t from = 0; from < stage_count; ++from) {
        write_out(fmt::format("{:<36}", name_of(static_cast<stage>(from))));
        for (auto const count : sum.stages[from]) write_out(fmt::format("{:>11}", count));
        write_out("\n");
    }
    write_out(fmt::format("\n{:<36}{:>14}{:>14}{:>12}\n", "", "a", "b", "b - a"));
    for (std::size_t s = 0; s < stage_count; ++s) {
        print_numbers(fmt::format("customers {} at the end", name_of(static_cast<stage>(s))), a.flows.present[s],
                      b.flows.present[s]);
    }
    for (std::size_t s = 0; s < stage_count; ++s) {
        print_numbers(fmt::format("days {}", name_of(static_cast<stage>(s))), a.flows.days[s], b.flows.days[s]);
    }
    for (std::size_t from = 0; from < stage_count; ++from) {
        for (std::size_t to = 0; to < stage_count; ++to) {
            print_numbers(fmt::format("{} to {}", name_of(static_cast<stage>(from)), name_of(static_cast<stage>(to))),
                          a.flows.transitions[from][to], b.flows.transitions[from][to]);
        }
    }
    for (std::size_t e = 0; e < a.changes.size(); ++e) {
        auto const cause = machine::name_of(static_cast<lifecycle::relationship::event>(e));
        print_numbers(fmt::format("changes by {}", cause), a.changes[e], b.changes[e]);
    }
    print_numbers("customers with evidence of decline", a.customers_with_evidence, b.customers_with_evidence);
    for (std::size_t t = 0; t < customer_tier_count; ++t) {
        print_numbers(fmt::format("customers of tier {}", name_of(static_cast<customer_tier>(t))), a.tiers[t],
                      b.tiers[t]);
    }
    print_numbers("rewards granted", a.rewards, b.rewards);
    print_numbers("sanctions imposed", a.sanctions, b.sanctions);
    for (auto const& [side, costs] : {std::pair{"a", &a.reward_costs}, {"b", &b.reward_costs}}) {
        for (auto const& c : *costs) {
            write_out(fmt::format("{:<36}{:>26}\n", fmt::format("rewards cost under {}", side),
                                  money{c.rewarded, c.in}.to_string()));
        }
    }
    print_numbers("rows refused", rejected[0], rejected[1]);
    // the agreements are facts, the same in both books: so are the currencies
    for (std::size_t i = 0; i < a.rebates.size(); ++i) {
        auto const cost = [](rebate_cost const& c, std::int64_t rebate_balance::* part) {
            return money{c.balance.*part, c.in}.to_string();
        };
        for (auto const& [title, part] :
             {std::pair{"rebates accrued", &rebate_balance::accrued}, {"rebates open", &rebate_balance::open}}) {
            write_out(fmt::format("{:<36}{:>26}{:>26}\n", title, cost(a.rebates[i], part), cost(b.rebates[i], part)));
        }
    }
}

std::string side_json(book_course const& side, std::uint64_t rejected) {
    std::string out;
    append_json(out, side);
    out.pop_back();
    return out + fmt::format(",\"rejected\":{}}}", rejected);
}

void run(whatif_options& o) {
    if (o.rules.size() != 2) {
        throw stop{bad_input, fmt::format("--rules: give it twice, once for each rulebook to compare; it was given {}; "
                                          "\"default\" stands for the default rulebook",
                                          o.rules.empty()       ? "not at all"
                                          : o.rules.size() == 1 ? "once"
                                                                : fmt::format("{} times", o.rules.size()))};
    }
    if (o.feeds.store != "memory:") {
        throw stop{bad_input, "--store: a what-if reads feeds into memory and keeps nothing; leave --store out"};
    }
    for (auto const& rules : o.rules) {
        o.feeds.compared.push_back(rules == "default" ? default_rules() : rules_in_file(rules));
    }
    o.feeds.compared.front() = std::move(o.feeds.compared.front()).after(default_rules());
    auto const all = load(o.feeds, {});
    auto const& s = all.summary;
    auto const json = o.format == "json";
    if (json) {
        write_out(fmt::format("{{\"as_of\":{},\"customers\":[",
                              all.as_of > first_day ? '"' + to_string(all.as_of) + '"' : "null"));
    }
    bool first = true;
    std::string text;
    std::optional<lending> lent;
    if (o.credit) lent.emplace(*all.both_, all.as_of);
    auto const list = [&](compared_customer const& c) {
        if (o.customers == "changed" && !c.differs.any()) return;
        if (!json) {
            print_customer(c);
            if (lent) write_out(lent->text_of_last());
            return;
        }
        text = first ? "\n" : ",\n";
        first = false;
        append_json(text, c);
        if (lent) {
            text.pop_back();
            text += lent->json_of_last() + '}';
        }
        write_out(text);
    };
    auto sum = or_stop(all.both_->compare([&](compared_customer const& c) {
        if (lent && lent->look(c)) {
            auto seen = c;
            seen.differs.credit = true;
            list(seen);
        } else {
            list(c);
        }
        return true;
    }),
                       failed);
    std::pair<credit_courses, credit_courses> lent_by;
    if (lent) {
        lent->add_to(sum);
        lent_by = lent->sums();
    }
    if (json) {
        text.clear();
        append_json(text, sum);
        auto const credit = lent ? fmt::format(",\n\"credit\":{{\"a\":{},\"b\":{}}}", credit_json(lent_by.first),
                                               credit_json(lent_by.second))
                                 : "";
        write_out(fmt::format("],\n\"a\":{},\n\"b\":{},\n\"sum\":{}{}}}\n", side_json(sum.a, all.rejected_under_[0]),
                              side_json(sum.b, all.rejected_under_[1]), text, credit));
    } else {
        if (sum.differ > 0 || o.customers == "all") write_out("\n");
        print_sum(sum, all.rejected_under_);
        print_credit(lent_by.first, lent_by.second);
    }
    flush_out();
    fmt::print(stderr, "{} rows read, {} rejected; {} customers", s.read, s.rejected, sum.customers);
    if (sum.customers > 0) fmt::print(stderr, " as of {}", to_string(all.as_of));
    fmt::print(stderr, "; {:.2f} s\n", s.seconds);
    throw stop{code_of(s), {}};
}

}  // namespace

void add_whatif(CLI::App& app) {
    auto* const command = app.add_subcommand("whatif", "reads one history under two rulebooks, and compares them");
    auto const o = std::make_shared<whatif_options>();
    o->feeds.add_to(*command, true);
    command->remove_option(command->get_option("--rules"));
    command
        ->add_option(
            "--rules", o->rules,
            "give it twice: the rulebook files to compare, first a, then b; \"default\" is the default rulebook")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_option("--format", o->format, "of the answer")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->add_option("--customers", o->customers, "which customers are listed")
        ->check(CLI::IsMember({"all", "changed"}))
        ->capture_default_str();
    command->add_flag("--credit", o->credit,
                      "also checks each order as it was placed, against the limits of groups too: what would have been "
                      "refused, and of "
                      "what was lost since");
    command->callback([o] { run(*o); });
}

}  // namespace tool
