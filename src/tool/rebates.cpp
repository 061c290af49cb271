#include "command.hpp"

#include <patron/engine/rebate_periods.hpp>

#include <fmt/format.h>

#include <array>
#include <memory>

namespace tool {

using namespace patron;

namespace {

struct rebates_options {
    feed_options feeds;
    std::string customer;
    std::string on;
    std::string from;
    std::string format = "table";
    std::string lang = "en";
};

std::string table_of(std::vector<rebate_period> const& periods, bool chinese) {
    constexpr std::array<std::array<char const*, 2>, 9> titles{{{"customer", "客户"},
                                                                {"agreement", "协议"},
                                                                {"month", "月份"},
                                                                {"accrued", "应计"},
                                                                {"paid", "已付"},
                                                                {"reversed", "冲回"},
                                                                {"forfeited", "作废"},
                                                                {"clawed back", "追回"},
                                                                {"open", "未付"}}};
    constexpr std::array<std::size_t, 9> widths{14, 14, 9, 18, 18, 18, 18, 18, 0};
    std::string out;
    for (std::size_t i = 0; i < titles.size(); ++i) out += padded(titles[i][chinese ? 1 : 0], widths[i]) + ' ';
    out.back() = '\n';
    for (auto const& p : periods) {
        auto const amount = [&p](std::int64_t units) {
            return p.is_out_of_range ? std::string{"-"} : money{units, p.in}.to_string();
        };
        auto const& m = p.moved;
        std::array<std::string, 9> const cells{p.customer,          p.agreement,           p.month.to_string(),
                                               amount(m.accrued),   amount(m.paid),        amount(m.reversed),
                                               amount(m.forfeited), amount(m.clawed_back), amount(p.open)};
        for (std::size_t i = 0; i < cells.size(); ++i) out += padded(cells[i], widths[i]) + ' ';
        out.back() = '\n';
    }
    return out;
}

void run(rebates_options const& o) {
    rebate_span span;
    if (!o.from.empty()) span.from = or_stop_at("--from", period::parse(o.from));
    if (!o.on.empty()) span.until = or_stop_at("--on", parse_day(o.on));
    auto const all = load(o.feeds, {});
    if (o.on.empty()) span.until = all.as_of;
    if (span.from && span.from->first() > span.until) {
        throw stop{bad_input,
                   fmt::format("--from {}: it begins after {}, the last day", o.from, to_string(span.until))};
    }
    auto const periods = or_stop(o.customer.empty() ? all_rebate_periods(all.book(), span)
                                                    : rebate_periods_of(all.book(), o.customer, span));
    std::string out;
    if (o.format == "csv") {
        out = to_csv(periods);
    } else if (o.format == "jsonl") {
        for (auto const& p : periods) {
            append_json(out, p);
            out += '\n';
        }
    } else {
        out = table_of(periods, o.lang == "zh");
    }
    end_with(all, out,
             o.lang == "zh" ? fmt::format("截至 {}，{} 行", to_string(span.until), periods.size())
                            : fmt::format("{} months of agreements, until {}", periods.size(), to_string(span.until)));
}

}  // namespace

void add_rebates(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "rebates", "what each rebate agreement accrued, paid and lost in each month, and what is open at its end");
    auto const o = std::make_shared<rebates_options>();
    command->add_option("CUSTOMER", o->customer, "only this customer's");
    o->feeds.add_to(*command, false);
    command->add_option("--on", o->on, "the last day that counts, YYYY-MM-DD; default: that of the book");
    command->add_option("--from", o->from, "the first month that is told, YYYY-MM; default: all");
    command->add_option("--format", o->format, "of the months")
        ->check(CLI::IsMember({"table", "jsonl", "csv"}))
        ->capture_default_str();
    command->add_option("--lang", o->lang, "of --format table")
        ->check(CLI::IsMember({"en", "zh"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
