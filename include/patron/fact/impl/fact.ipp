#pragma once
#include <patron/fact/fact.hpp>
#include <patron/fact/impl/codec.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

namespace patron::inline v1 {

namespace detail {

template <class F>
inline constexpr auto members_of =
    [] { return boost::mp11::mp_size<boost::describe::describe_members<F, boost::describe::mod_public>>::value; }();

template <class F, class Visitor>
constexpr void for_each_member(Visitor&& visit) {
    boost::mp11::mp_for_each<boost::describe::describe_members<F, boost::describe::mod_public>>(visit);
}

/// Calls `visit(member)` for the member with that index; an index beyond the last visits nothing.
template <class F, class Visitor>
constexpr void with_member(F& f, std::size_t index, Visitor&& visit) {
    std::size_t at = 0;
    for_each_member<std::remove_const_t<F>>([&](auto d) {
        if (at++ == index) visit(f.*d.pointer, std::string_view{d.name});
    });
}

template <class F>
struct field_table {
    static constexpr auto make() {
        std::array<field_info, members_of<F>> all{};
        std::size_t at = 0;
        for_each_member<F>([&](auto d) {
            using member = std::remove_reference_t<decltype(std::declval<F&>().*d.pointer)>;
            field_info info{d.name, is_required<member>, shape_of<member>, {}};
            if constexpr (is_list<member>) {
                info.record = field_table<typename member::value_type>::value;
                info.required = std::is_same_v<member, std::vector<rebate_band>> ||
                                std::is_same_v<member, std::vector<field_change>>;
            }
            all[at++] = info;
        });
        return all;
    }
    static constexpr auto value = make();
};

inline error not_a_list(std::string_view name) {
    return {.code = errc::malformed, .field = std::string{name}, .saw = {}, .remedy = "the field is no list"};
}

inline constexpr std::string_view fact_names[] = {
#define PATRON_FACT_NAME(NAME) #NAME,
    PATRON_FACTS(PATRON_FACT_NAME)
#undef PATRON_FACT_NAME
};

inline constexpr text fact_titles[] = {
    {"customer enrolled", "客户登记"},
    {"wallet stated", "采购总额申报"},
    {"order placed", "下订单"},
    {"order cancelled", "取消订单"},
    {"order reopened", "重开订单"},
    {"goods delivered", "交货"},
    {"goods returned", "退货"},
    {"invoice issued", "开具发票"},
    {"payment received", "收到付款"},
    {"credit note issued", "开具贷项通知"},
    {"invoice disputed", "发票争议"},
    {"dispute settled", "争议解决"},
    {"credit limit set", "设定信用额度"},
    {"temporary limit granted", "授予临时额度"},
    {"override granted", "授予例外放行"},
    {"reservation made", "预留额度"},
    {"reservation released", "释放预留"},
    {"exchange rate set", "设定汇率"},
    {"rebate agreed", "签订返利"},
    {"rebate settled", "结算返利"},
    {"deposit paid", "缴纳保证金"},
    {"deposit refunded", "退还保证金"},
    {"stock reported", "库存报告"},
    {"resale observed", "发现转售价"},
    {"supply price set", "设定供货价"},
    {"contact added", "新增联系人"},
    {"contact left", "联系人离开"},
    {"visit made", "拜访"},
    {"survey answered", "满意度调查"},
    {"complaint raised", "投诉"},
    {"complaint acknowledged", "投诉受理"},
    {"complaint acted on", "投诉处理"},
    {"complaint confirmed", "投诉确认解决"},
    {"complaint reopened", "投诉重开"},
    {"opening spotted", "发现机会"},
    {"agreement signed", "签订协议"},
    {"agreement ended", "协议终止"},
    {"competitor observed", "发现竞争者"},
    {"breach reported", "违约报告"},
    {"advice given", "提出建议"},
    {"advice taken", "采纳建议"},
    {"gift registered", "礼品登记"},
    {"development step", "开发进展"},
    {"obstacle found", "发现障碍"},
    {"obstacle removed", "消除障碍"},
    {"relationship ended", "关系终止"},
    {"relationship reopened", "关系重开"},
    {"review held", "定期评审"},
    {"correction", "更正"},
    {"reward fulfilled", "奖励已兑现"},
    {"reward reversed", "奖励冲回"},
    {"sanction appealed", "对处罚提出申诉"},
    {"appeal decided", "申诉裁定"},
    {"sanction withdrawn", "撤销处罚"},
    {"sanction lifted", "解除处罚"},
    {"order held", "订单暂挂"},
    {"held order rejected", "驳回暂挂订单"},
    {"quotation made", "报价"},
    {"quotation withdrawn", "撤回报价"},
    {"guarantee received", "收到担保"},
    {"guarantee returned", "退还担保"},
    {"dealer support set", "设定经销商补贴"},
    {"promotion planned", "计划晋级"},
    {"rebate offered", "返利方案"},
};
static_assert(std::size(fact_titles) == fact_kind_count);

template <std::size_t... I>
constexpr auto make_field_tables(std::index_sequence<I...>) {
    return std::array<std::span<field_info const>, sizeof...(I)>{
        std::span<field_info const>{field_table<std::variant_alternative_t<I, fact>>::value}...};
}
inline constexpr auto field_tables = make_field_tables(std::make_index_sequence<fact_kind_count>{});

template <std::size_t... I>
fact make_fact_at(std::size_t kind, std::index_sequence<I...>) {
    using maker = fact (*)();
    static constexpr maker makers[] = {[]() -> fact { return fact{std::in_place_index<I>}; }...};
    return makers[kind]();
}

using setter = result<void> (*)(fact&, std::string_view, text_origin);

template <class F, class Member>
result<void> set_member(fact& f, std::string_view value, text_origin origin) {
    auto& member = std::get_if<F>(&f)->*Member::pointer;
    if constexpr (is_list<std::remove_reference_t<decltype(member)>>) {
        return not_a_list(Member::name);
    } else {
        return read_text(member, value, origin, Member::name);
    }
}

/// One function a field: `assign` is one jump, however many kinds and fields there are.
template <class F>
struct setter_table {
    static constexpr auto make() {
        std::array<setter, members_of<F>> all{};
        std::size_t at = 0;
        for_each_member<F>([&](auto d) { all[at++] = &set_member<F, decltype(d)>; });
        return all;
    }
    static constexpr auto value = make();
};

template <std::size_t... I>
constexpr auto make_setter_tables(std::index_sequence<I...>) {
    return std::array<std::span<setter const>, sizeof...(I)>{
        std::span<setter const>{setter_table<std::variant_alternative_t<I, fact>>::value}...};
}
inline constexpr auto setter_tables = make_setter_tables(std::make_index_sequence<fact_kind_count>{});

}  // namespace detail

PATRON_FN std::string_view name_of(fact_kind kind) noexcept {
    return detail::fact_names[static_cast<std::size_t>(kind)];
}

PATRON_FN std::optional<fact_kind> fact_kind_of(std::string_view name) noexcept {
    static auto const kinds = [] {
        boost::unordered_flat_map<std::string_view, fact_kind> all;
        for (std::size_t k = 0; k < fact_kind_count; ++k) all.emplace(detail::fact_names[k], static_cast<fact_kind>(k));
        return all;
    }();
    auto const found = kinds.find(name);
    if (found == kinds.end()) return std::nullopt;
    return found->second;
}

PATRON_FN std::string_view title_of(fact_kind kind, bool chinese) noexcept {
    return detail::fact_titles[static_cast<std::size_t>(kind)].in(chinese ? language::zh : language::en);
}

PATRON_FN fact make_fact(fact_kind kind) {
    return detail::make_fact_at(static_cast<std::size_t>(kind), std::make_index_sequence<fact_kind_count>{});
}

PATRON_FN std::span<field_info const> fields_of(fact_kind kind) noexcept {
    return detail::field_tables[static_cast<std::size_t>(kind)];
}

PATRON_FN result<void> assign(fact& f, std::size_t field, std::string_view value, text_origin origin) {
    auto const setters = detail::setter_tables[f.index()];
    if (field >= setters.size()) return {};
    return setters[field](f, value, origin);
}

PATRON_FN result<std::size_t> append_record(fact& f, std::size_t field) {
    constexpr std::size_t most_records = 10'000;
    result<std::size_t> outcome = detail::not_a_list({});
    std::visit(
        [&](auto& typed) {
            detail::with_member(typed, field, [&](auto& member, std::string_view name) {
                if constexpr (detail::is_list<std::remove_reference_t<decltype(member)>>) {
                    if (member.size() >= most_records) {
                        outcome = error{.code = errc::too_long,
                                        .field = std::string{name},
                                        .saw = {},
                                        .remedy = "give at most 10000 records in a list"};
                    } else {
                        member.emplace_back();
                        outcome = member.size();
                    }
                }
            });
        },
        f);
    return outcome;
}

PATRON_FN result<void> assign_in_record(fact& f, std::size_t field, std::size_t record_field, std::string_view value,
                                        text_origin origin) {
    result<void> outcome = detail::not_a_list({});
    std::visit(
        [&](auto& typed) {
            detail::with_member(typed, field, [&](auto& list, std::string_view) {
                if constexpr (detail::is_list<std::remove_reference_t<decltype(list)>>) {
                    BOOST_ASSERT(!list.empty());
                    detail::with_member(list.back(), record_field, [&](auto& member, std::string_view name) {
                        outcome = detail::read_text(member, value, origin, name);
                    });
                }
            });
        },
        f);
    return outcome;
}

PATRON_FN std::optional<std::string> text_of(fact const& f, std::size_t field) {
    std::optional<std::string> written;
    std::visit(
        [&](auto const& typed) {
            detail::with_member(typed, field, [&](auto const& member, std::string_view) {
                if constexpr (!detail::is_list<std::remove_cvref_t<decltype(member)>>)
                    written = detail::write_text(member);
            });
        },
        f);
    return written;
}

PATRON_FN std::size_t record_count(fact const& f, std::size_t field) noexcept {
    std::size_t count = 0;
    std::visit(
        [&](auto const& typed) {
            detail::with_member(typed, field, [&](auto const& member, std::string_view) {
                if constexpr (detail::is_list<std::remove_cvref_t<decltype(member)>>) count = member.size();
            });
        },
        f);
    return count;
}

PATRON_FN std::optional<std::string> text_in_record(fact const& f, std::size_t field, std::size_t record,
                                                    std::size_t record_field) {
    std::optional<std::string> written;
    std::visit(
        [&](auto const& typed) {
            detail::with_member(typed, field, [&](auto const& list, std::string_view) {
                if constexpr (detail::is_list<std::remove_cvref_t<decltype(list)>>) {
                    if (record >= list.size()) return;
                    detail::with_member(list[record], record_field, [&](auto const& member, std::string_view) {
                        written = detail::write_text(member);
                    });
                }
            });
        },
        f);
    return written;
}

PATRON_FN fact_head head_of(fact const& f) noexcept {
    return std::visit(
        [](auto const& typed) {
            fact_head head{typed.ref, typed.at, {}};
            if constexpr (requires { typed.customer.value(); }) {
                if (typed.customer) head.customer = *typed.customer;
            } else if constexpr (requires { typed.customer; }) {
                head.customer = typed.customer;
            }
            return head;
        },
        f);
}

PATRON_FN void set_ref(fact& f, std::string_view ref) {
    std::visit([&](auto& typed) { typed.ref = ref; }, f);
}

namespace detail {

template <bool check_texts>
result<void> validate_fact(fact const& f) {
    result<void> outcome;
    auto const refuse = [&](errc code, std::string_view name, std::string saw, char const* remedy) {
        if (outcome) outcome = error{.code = code, .field = std::string{name}, .saw = std::move(saw), .remedy = remedy};
    };
    auto const check = [&](auto const& self, auto const& record) -> void {
        detail::for_each_member<std::remove_cvref_t<decltype(record)>>([&](auto d) {
            auto const& member = record.*d.pointer;
            std::string_view const name{d.name};
            auto const check_value = [&](auto const& value) {
                using type = std::remove_cvref_t<decltype(value)>;
                if constexpr (std::is_same_v<type, std::string>) {
                    if constexpr (check_texts) {
                        if (auto const sound = check_text(value, name); !sound && outcome) outcome = sound.error();
                    }
                    if (value.empty() && detail::is_required<std::remove_cvref_t<decltype(member)>> && name != "ref") {
                        refuse(errc::missing_field, name, {}, "give a value that is not empty");
                    }
                } else if constexpr (std::is_same_v<type, money>) {
                    if (value.minor_units() < 0)
                        refuse(errc::out_of_range, name, value.to_string(), "amounts are not negative");
                } else if constexpr (std::is_same_v<type, limit_amount>) {
                    if (!value.is_unlimited() && value.amount().minor_units() < 0) {
                        refuse(errc::out_of_range, name, value.amount().to_string(), "amounts are not negative");
                    }
                } else if constexpr (std::is_same_v<type, moment>) {
                    if (!detail::in_calendar(value.on())) {
                        refuse(errc::out_of_range, name, {}, "give a day from 1900-01-01 to 2199-12-31");
                    }
                } else if constexpr (std::is_same_v<type, day>) {
                    if (!detail::in_calendar(value)) {
                        refuse(errc::out_of_range, name, {}, "give a day from 1900-01-01 to 2199-12-31");
                    }
                } else if constexpr (std::is_same_v<type, period>) {
                    if (!detail::in_calendar(value)) {
                        refuse(errc::out_of_range, name, {}, "give a month from 1900-01 to 2199-12");
                    }
                } else if constexpr (std::is_same_v<type, currency>) {
                    if (value.is_own()) refuse(errc::missing_field, name, {}, "give an ISO 4217 code such as \"CNY\"");
                } else if constexpr (std::is_same_v<type, band_edge>) {
                    if (value.value.minor_units() < 0 || value.units < decimal{}) {
                        refuse(errc::out_of_range, name, detail::write_text(value).value_or(""),
                               "a band begins at zero or above");
                    }
                } else if constexpr (std::is_same_v<type, band_rate>) {
                    if (value.amount.minor_units() < 0 || value.percent < decimal{} ||
                        value.percent > decimal{100, 0}) {
                        refuse(errc::out_of_range, name, detail::write_text(value).value_or(""),
                               "give a rate from 0% to 100%, or an amount that is not negative");
                    }
                } else if constexpr (std::is_same_v<type, decimal>) {
                    if (name == "rate" && value.units() <= 0) {
                        refuse(errc::out_of_range, name, value.to_string(), "a rate is greater than zero");
                    }
                } else if constexpr (requires {
                                         type::lowest;
                                         type::highest;
                                     }) {
                    if (!detail::in_bounds(value)) {
                        refuse(errc::out_of_range, name, detail::write_text(value).value_or(""),
                               detail::bounds_text<type>());
                    }
                }
            };
            if constexpr (detail::is_list<std::remove_cvref_t<decltype(member)>>) {
                for (auto const& inner : member) self(self, inner);
            } else if constexpr (detail::is_optional<std::remove_cvref_t<decltype(member)>>) {
                if (member) check_value(*member);
            } else {
                check_value(member);
            }
        });
    };
    std::visit([&](auto const& typed) { check(check, typed); }, f);
    if (outcome) {
        if (auto const* rebate = std::get_if<rebate_agreed>(&f); rebate && rebate->bands.empty()) {
            refuse(errc::missing_field, "bands", {}, "give at least one band");
        }
        if (auto const* correction = std::get_if<corrected>(&f); correction && correction->changes.empty()) {
            refuse(errc::missing_field, "changes", {}, "name at least one field that changes");
        }
    }
    return outcome;
}

PATRON_FN result<void> validate_assigned(fact const& f) { return validate_fact<false>(f); }

}  // namespace detail

PATRON_FN result<void> validate(fact const& f) { return detail::validate_fact<true>(f); }

PATRON_FN void append_json_string(std::string& out, std::string_view value) {
    static constexpr char hex[] = "0123456789abcdef";
    out += '"';
    for (char const c : value) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += hex[byte >> 4U];
            out += hex[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

PATRON_FN void append_json(std::string& out, fact const& f) {
    auto const write_member = [&out](auto const& self, auto const& member, std::string_view name) -> void {
        using type = std::remove_cvref_t<decltype(member)>;
        if constexpr (std::is_same_v<type, std::vector<field_change>>) {
            for (auto const& change : member) {
                out += ',';
                append_json_string(out, change.field);
                out += ':';
                append_json_string(out, change.value);
            }
        } else if constexpr (detail::is_list<type>) {
            if (member.empty()) return;
            out += ',';
            append_json_string(out, name);
            out += ":[";
            for (auto const& record : member) {
                out += &record == &member.front() ? "{" : ",{";
                auto const start = out.size();
                detail::for_each_member<std::remove_cvref_t<decltype(record)>>(
                    [&](auto d) { self(self, record.*d.pointer, d.name); });
                out.erase(start, 1);  // the comma before the first field
                out += '}';
            }
            out += ']';
        } else if (auto const written = detail::write_text(member)) {
            out += ',';
            append_json_string(out, name);
            out += ':';
            if (detail::shape_of<type> == field_shape::number || detail::shape_of<type> == field_shape::boolean) {
                out += *written;
            } else {
                append_json_string(out, *written);
            }
        }
    };
    std::visit(
        [&](auto const& typed) {
            out += "{\"fact\":\"";
            out += name_of(kind_of(f));
            out += '"';
            detail::for_each_member<std::remove_cvref_t<decltype(typed)>>([&](auto d) {
                if (std::string_view{d.name} == "ref" && typed.ref.empty()) return;
                write_member(write_member, typed.*d.pointer, d.name);
            });
            out += '}';
        },
        f);
}

PATRON_FN void encode(std::string& out, fact const& f) {
    std::visit([&](auto const& typed) { detail::writer{out, f.index(), typed.ref}.fact(typed); }, f);
}

PATRON_FN result<fact> decode(std::string_view bytes, std::string_view customer) {
    error const broken{.code = errc::malformed, .field = {}, .saw = {}, .remedy = "the bytes are no encoded fact"};
    if (bytes.empty() || !is_encoded_fact(bytes)) return broken;
    auto const head = static_cast<unsigned char>(bytes.front());
    fact f = make_fact(encoded_kind(bytes));
    bool sound = true;
    std::visit(
        [&](auto& typed) {
            detail::reader in{head, bytes.substr(detail::bytes_of_kind(head)), typed.ref};
            in.fact(typed);
            sound = in.sound() && in.at_end();
            if constexpr (requires { typed.customer; } &&
                          !std::is_same_v<std::remove_cvref_t<decltype(typed)>, corrected>) {
                typed.customer = customer;
            }
        },
        f);
    if (!sound) return broken;
    return f;
}

PATRON_FN std::string_view encoded_ref(std::string_view bytes) noexcept {
    auto const number = [&bytes] {
        std::size_t n = 0;
        for (unsigned shift = 0;; shift += 7) {
            auto const byte = static_cast<unsigned char>(bytes.front());
            bytes.remove_prefix(1);
            n |= std::size_t{byte & 0x7FU} << shift;
            if (byte < 0x80) return n;
        }
    };
    auto const head = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(detail::bytes_of_kind(head));
    if ((head & detail::has_left_in) != 0) number();
    return bytes.substr(0, number());
}

PATRON_FN bool is_encoded_fact(std::string_view bytes) noexcept {
    auto const low = static_cast<unsigned char>(bytes.front()) & detail::kind_bits;
    if (low != detail::further_kinds) return low < detail::further_kinds;
    return bytes.size() > 1 && detail::further_kinds + static_cast<unsigned char>(bytes[1]) < fact_kind_count;
}

PATRON_FN fact_kind encoded_kind(std::string_view bytes) noexcept {
    auto const low = static_cast<unsigned char>(bytes.front()) & detail::kind_bits;
    return static_cast<fact_kind>(low < detail::further_kinds ? low : low + static_cast<unsigned char>(bytes[1]));
}

}  // namespace patron::v1
