#include "command.hpp"

#include <patron/customer/stage.hpp>

#include <fmt/format.h>

#include <cstdio>

namespace tool {

namespace {
std::string pending;
}

void flush_out() {
    if (pending.empty()) return;
    auto const written = std::fwrite(pending.data(), 1, pending.size(), stdout);
    auto const whole = written == pending.size() && std::fflush(stdout) == 0;
    pending.clear();
    if (!whole) throw stop{failed, "standard output cannot be written"};
}

void write_out(std::string_view text) {
    constexpr std::size_t most_pending = 1U << 16U;
    pending += text;
    if (pending.size() >= most_pending) flush_out();
}

void end_with(loaded const& all, std::string_view report, std::string const& told) {
    write_out(report);
    flush_out();
    fmt::print(stderr, "{}\n", told);
    throw stop{code_of(all.summary), {}};
}

std::string padded(std::string_view text, std::size_t width) {
    std::size_t columns = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) == 0x80U) continue;  // inside a character
        columns += byte >= 0xE3U ? 2 : 1;       // from U+3000 on characters are wide
    }
    std::string out{text};
    if (columns < width) out.append(width - columns, ' ');
    return out;
}

std::string stage_table(patron::engine const& book) {
    auto const flows = book.flows();
    auto out =
        fmt::format("{:<12}{:>10}{:>12}{:>14}   flows to\n", "stage", "customers", "ever there", "days, average");
    for (std::size_t from = 0; from < patron::stage_count; ++from) {
        auto const average = flows.present[from] == 0 ? 0 : flows.present_days[from] / flows.present[from];
        out += fmt::format("{:<12}{:>10}{:>12}{:>14}   ", patron::name_of(static_cast<patron::stage>(from)),
                           flows.present[from], flows.ever[from], average);
        bool any = false;
        for (std::size_t to = 0; to < patron::stage_count; ++to) {
            if (flows.transitions[from][to] == 0) continue;
            auto const rate = flows.rate(static_cast<patron::stage>(from), static_cast<patron::stage>(to));
            out += fmt::format("{}{} {} ({} %)", any ? ", " : "", patron::name_of(static_cast<patron::stage>(to)),
                               flows.transitions[from][to], rate / 10'000);
            any = true;
        }
        out += any ? "\n" : "-\n";
    }
    return out;
}

}  // namespace tool
