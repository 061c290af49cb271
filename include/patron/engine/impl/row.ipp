#pragma once
#include <patron/base/impl/csv_cell.hpp>
#include <patron/engine/row.hpp>
#include <patron/fact/fact.hpp>
#include <patron/machine/names.hpp>

namespace patron::inline v1 {

namespace detail {

inline std::string amount_text(money m) {
    // a customer without any amount yet has no currency: its sums are zero in whichever it will have
    return m.in().is_own() && m.minor_units() == 0 ? std::string{"0"} : m.to_string();
}

/// n x 10^-digits in its shortest decimal form.
inline std::string fraction_text(std::int64_t n, int digits) { return decimal{n, digits}.to_string(); }

struct row_cells {
    explicit row_cells(customer_row const& row)
        : share{row.share_millionths() ? fraction_text(*row.share_millionths(), 6) : ""},
          exposure{amount_text(row.exposure())} {
        auto const& s = row.state;
        if (s.limit_is_set) limit = s.limit_is_unlimited ? "unlimited" : money{s.limit, s.in}.to_string();
        if (s.limit_is_set) available = s.limit_is_unlimited ? "unlimited" : row.available()->to_string();
        if (row.since) since = to_string(*row.since);
        if (row.risk_millionths) risk = fraction_text(*row.risk_millionths, 6);
    }
    std::string share;
    std::string limit;
    std::string exposure;
    std::string available;
    std::string since;
    std::string risk;
};

}  // namespace detail

PATRON_FN void append_json(std::string& out, customer_row const& row) {
    detail::row_cells const cells{row};
    auto const text = [&out](std::string_view name, std::string_view value) {
        append_json_string(out, name);
        out += ':';
        append_json_string(out, value);
        out += ',';
    };
    auto const text_or_null = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) return text(name, value);
        append_json_string(out, name);
        out += ":null,";
    };
    out += '{';
    text("customer", row.profile.code);
    text("name", row.profile.name);
    text("stage", name_of(row.state.stage));
    text_or_null("since", cells.since);
    if (row.state.stage == stage::declining) text("fell_from", name_of(row.state.fell_from));
    out += "\"share_of_wallet\":" + (cells.share.empty() ? "null" : cells.share) + ',';
    text("share_basis", name_of(row.state.basis));
    text_or_null("tier", row.tier ? name_of(*row.tier) : std::string_view{});
    out += R"("abc":null,)";
    text_or_null("limit", cells.limit);
    text("exposure", cells.exposure);
    text_or_null("available", cells.available);
    text("standing", name_of(row.state.credit_standing));
    text_or_null("supply", row.supply ? name_of(*row.supply) : std::string_view{});
    out += "\"risk\":" + (cells.risk.empty() ? "null" : cells.risk) + R"(,"evidence":[)";
    for (auto const& e : row.evidence) {
        out += &e == &row.evidence.front() ? "{" : ",{";
        text("kind", e.kind);
        out += "\"weight\":" + detail::fraction_text(e.weight, 3) + ",\"age_days\":" + std::to_string(e.age_days);
        if (!e.what.empty()) {
            out += ',';
            text("what", e.what);
            out.pop_back();
        }
        out += '}';
    }
    out += "],\"rebates\":[";
    for (auto const& r : row.rebates) {
        auto const amount = [&](std::string_view name, std::int64_t units) {
            text_or_null(name, r.is_out_of_range ? std::string{} : money{units, row.state.in}.to_string());
        };
        out += &r == &row.rebates.front() ? "{" : ",{";
        text("agreement", r.agreement);
        text("basis", machine::name_of(r.basis));
        text("method", machine::name_of(r.method));
        if (r.measure == rebate_measure::quantity && !r.is_out_of_range) {
            text("volume", detail::fraction_text(r.volume.quantity, 6));
        } else {
            amount("volume", r.volume.value);
        }
        amount("accrued", r.balance.accrued);
        amount("paid", r.balance.paid);
        amount("open", r.balance.open);
        amount("reversed", r.balance.reversed);
        amount("forfeited", r.balance.forfeited);
        amount("clawed_back", r.balance.clawed_back);
        if (r.is_of_members) text("scope", machine::name_of(rebate_scope::members));
        if (r.offered_to) text("offered_to", machine::name_of(*r.offered_to));
        for (auto const& code : r.left_out) {
            out += &code == &r.left_out.front() ? "\"left_out\":[" : ",";
            append_json_string(out, code);
        }
        if (!r.left_out.empty()) out += "],";
        out += r.is_final ? "\"settled\":true}" : "\"settled\":false}";
    }
    out += R"(],"open_effects":[)";
    for (auto const& e : row.open_effects) {
        auto const on = [&](std::string_view name, day_number d) {
            if (d != no_day) text(name, to_string(day_of(d)));
        };
        out += &e == &row.open_effects.front() ? "{" : ",{";
        text("id", id_of(e));
        text("code", name_of(e.code));
        text("family", name_of(family_of(e.code)));
        text("step", name_of(e.step));
        text_or_null("amount", e.amount ? money{*e.amount, row.state.in}.to_string() : std::string{});
        on("since", e.since);
        on("deadline", e.deadline);
        on("notice_until", e.notice_until);
        on("appeal_until", e.appeal_until);
        on("until", e.until);
        on("review_on", e.review_on);
        if (!e.target.empty()) text("target", e.target);
        if (!e.person.empty()) text("lifted_by", e.person);
        text("why", e.rule);
        out.back() = '}';
    }
    out += R"(],"promotion_plan":)";
    if (row.planned_tier) {
        out += '{';
        text("tier", name_of(*row.planned_tier));
        text("due", to_string(*row.planned_by));
        out.back() = '}';
    } else {
        out += "null";
    }
    out += R"(,"fulfilment":)";
    if (!row.fulfilment) {
        out += "null}";
        return;
    }
    auto const& f = *row.fulfilment;
    out += "{\"owed\":" + std::to_string(f.owed) + ",\"late\":" + std::to_string(f.late) +
           ",\"kept\":" + std::to_string(f.kept) + ",\"kept_late\":" + std::to_string(f.kept_late) +
           ",\"worst_days_late\":" + std::to_string(f.worst_days_late) + "}}";
}

PATRON_FN void append_csv_header(std::string& out) {
    out +=
        "customer,name,stage,since,fell_from,share_of_wallet,share_basis,tier,abc,limit,exposure,available,standing,"
        "supply,risk,evidence,rebates,open_effects";
}

PATRON_FN void append_csv(std::string& out, customer_row const& row) {
    detail::row_cells const cells{row};
    std::string evidence;
    for (auto const& e : row.evidence) {
        if (!evidence.empty()) evidence += ';';
        evidence.append(e.kind).append("=").append(detail::fraction_text(e.weight, 3));
    }
    auto const cell = [&out](std::string_view value) { out += detail::csv_cell(value) + ','; };
    cell(row.profile.code);
    cell(row.profile.name);
    cell(name_of(row.state.stage));
    cell(cells.since);
    cell(row.state.stage == stage::declining ? name_of(row.state.fell_from) : std::string_view{});
    cell(cells.share);
    cell(name_of(row.state.basis));
    cell(row.tier ? name_of(*row.tier) : std::string_view{});
    out += ',';  // abc
    cell(cells.limit);
    cell(cells.exposure);
    cell(cells.available);
    cell(name_of(row.state.credit_standing));
    cell(row.supply ? name_of(*row.supply) : std::string_view{});
    cell(cells.risk);
    cell(evidence);
    std::string rebates;
    for (auto const& r : row.rebates) {
        if (!rebates.empty()) rebates += ';';
        rebates.append(r.agreement).append("=");
        if (!r.is_out_of_range) rebates.append(money{r.balance.open, row.state.in}.to_string());
    }
    cell(rebates);
    std::string effects;
    for (auto const& e : row.open_effects) {
        if (!effects.empty()) effects += ';';
        effects.append(id_of(e)).append("=").append(name_of(e.step));
    }
    out += detail::csv_cell(effects);
}

}  // namespace patron::v1
