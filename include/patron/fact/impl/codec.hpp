#pragma once
// The text and the byte form of each type that a fact's field can have.
#include <patron/base/id.hpp>
#include <patron/base/text.hpp>
#include <patron/fact/fact.hpp>

#include <boost/assert.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

namespace patron::inline v1::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_ranged = false;
template <int Low, int High>
inline constexpr bool is_ranged<ranged<Low, High>> = true;
template <class T>
inline constexpr bool is_bounded = false;
template <int Low, int High>
inline constexpr bool is_bounded<bounded<Low, High>> = true;

template <class T>
inline constexpr bool is_required = !is_optional<T> && !is_list<T>;

template <class T>
constexpr field_shape shape() {
    if constexpr (is_optional<T>) {
        return shape<typename T::value_type>();
    } else if constexpr (is_list<T>) {
        return field_shape::list;
    } else if constexpr (std::is_same_v<T, std::string>) {
        return field_shape::text;
    } else if constexpr (std::is_same_v<T, money>) {
        return field_shape::money;
    } else if constexpr (std::is_same_v<T, bool>) {
        return field_shape::boolean;
    } else if constexpr (is_ranged<T> || is_bounded<T>) {
        return field_shape::number;
    } else {
        return field_shape::string;
    }
}
template <class T>
inline constexpr field_shape shape_of = shape<T>();

template <class E>
constexpr std::string_view enumerator_text(char const* name) {
    std::string_view text{name};
    if (text.ends_with('_')) text.remove_suffix(1);  // final_ is written "final"
    return text;
}

template <class E>
std::string_view name_of_enumerator(E value) {
    std::string_view found;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) {
        if (d.value == value) found = enumerator_text<E>(d.name);
    });
    return found;
}

template <class E>
std::string all_enumerators() {
    std::string all;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) {
        if (!all.empty()) all += ", ";
        all += enumerator_text<E>(d.name);
    });
    return all;
}

template <class T>
constexpr bool in_bounds(T const& value) {
    if constexpr (is_bounded<T>) {
        return value.value() >= decimal{T::lowest, 0} && value.value() <= decimal{T::highest, 0};
    } else {
        return value.value() >= T::lowest && value.value() <= T::highest;
    }
}

constexpr bool in_calendar(day d) { return d >= first_day && d <= last_day; }
constexpr bool in_calendar(period p) { return p >= period{first_day} && p <= period{last_day}; }

template <class T>
char const* bounds_text() {
    static std::string const words = (is_bounded<T> ? "give a number from " : "give a whole number from ") +
                                     std::to_string(T::lowest) + " to " + std::to_string(T::highest);
    return words.c_str();
}

inline error field_error(errc code, std::string_view name, std::string_view saw, std::string remedy) {
    return {.code = code, .field = std::string{name}, .saw = shown(saw), .remedy = std::move(remedy)};
}

inline error in_field(error e, std::string_view name) {
    e.field = name;
    return e;
}

inline bool is_free_text(std::string_view name) noexcept {
    for (std::string_view const free :
         {"name", "reason", "evidence", "subject", "result", "purpose", "source", "cause", "obstacle", "value"}) {
        if (name == free) return true;
    }
    return false;
}

/// True for what most texts are: printable ASCII. Eight bytes a step: this stands on the path of every fact.
inline bool is_plain_ascii(std::string_view value) noexcept {
    constexpr std::uint64_t each = 0x0101'0101'0101'0101U;
    std::uint64_t odd = 0;
    auto const look = [&odd](std::uint64_t word) {
        auto const delete_sign = word ^ (each * 0x7F);
        // a byte above 0x7F, below 0x20, or 0x7F itself leaves a high bit
        odd |= (word | ((word - each * 0x20) & ~word) | ((delete_sign - each) & ~delete_sign)) & (each * 0x80);
    };
    for (; value.size() >= 8; value.remove_prefix(8)) {
        std::uint64_t word{};
        std::memcpy(&word, value.data(), 8);
        look(word);
    }
    auto rest = each * ' ';
    for (std::size_t i = 0; i < value.size(); ++i) rest = rest << 8U | static_cast<unsigned char>(value[i]);
    look(rest);
    return odd == 0;
}

inline result<void> check_text(std::string_view value, std::string_view name) {
    if (value.size() <= longest_identifier && is_plain_ascii(value)) return {};
    auto const longest = is_free_text(name) ? longest_text : longest_identifier;
    if (value.size() > longest) {
        return field_error(errc::too_long, name, value, "give at most " + std::to_string(longest) + " bytes");
    }
    if (!is_clean_utf8(value)) {
        return field_error(errc::invalid_utf8, name, value, "give UTF-8 without control characters");
    }
    return {};
}

/// The part of `validate` that is left when every text came through `assign`, which checks it.
[[nodiscard]] PATRON_API result<void> validate_assigned(fact const& f);

inline result<decimal> read_decimal(std::string_view value, std::string_view name) {
    auto read = decimal::parse(value);
    if (!read) return in_field(read.error(), name);
    return read.value();
}

/// Reads the text of one field into `member`, which keeps its value on an error.
template <class T>
result<void> read_text(T& member, std::string_view value, text_origin origin, std::string_view name) {
    if constexpr (is_optional<T>) {
        typename T::value_type read{};
        if (auto const outcome = read_text(read, value, origin, name); !outcome) return outcome.error();
        member = std::move(read);
        return {};
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (origin == text_origin::boolean) return field_error(errc::malformed, name, value, "give a string");
        if (auto const sound = check_text(value, name); !sound) return sound.error();
        member.assign(value);
        return {};
    } else if constexpr (std::is_same_v<T, bool>) {
        if (origin == text_origin::number || (value != "true" && value != "false")) {
            return field_error(errc::malformed, name, value, "give true or false");
        }
        member = value == "true";
        return {};
    } else if constexpr (is_ranged<T> || is_bounded<T>) {
        if (origin == text_origin::boolean) return field_error(errc::malformed, name, value, bounds_text<T>());
        auto const number = read_decimal(value, name);
        if (!number) return field_error(number.error().code, name, value, bounds_text<T>());
        if constexpr (is_ranged<T>) {
            auto const whole = number.value();
            if (whole.digits() != 0 || whole.units() < T::lowest || whole.units() > T::highest) {
                return field_error(errc::out_of_range, name, value, bounds_text<T>());
            }
            member = static_cast<int>(whole.units());
        } else {
            T const read{number.value()};
            if (!in_bounds(read)) return field_error(errc::out_of_range, name, value, bounds_text<T>());
            member = read;
        }
        return {};
    } else if constexpr (std::is_same_v<T, decimal>) {
        // a JSON number comes as it was written, so it is as exact as a string
        auto const number = read_decimal(value, name);
        if (!number) return number.error();
        member = number.value();
        return {};
    } else {
        auto const is_quantity = std::is_same_v<T, band_edge> && origin == text_origin::number;
        if ((origin == text_origin::number && !is_quantity) || origin == text_origin::boolean) {
            return field_error(errc::malformed, name, value,
                               std::is_same_v<T, money> ? "give a string such as \"1200.00 CNY\"" : "give a string");
        }
        auto const take = [&](auto const& read) -> result<void> {
            if (!read) return in_field(read.error(), name);
            member = read.value();
            return {};
        };
        if constexpr (std::is_same_v<T, money>) {
            return take(money::parse(value));
        } else if constexpr (std::is_same_v<T, moment>) {
            return take(moment::parse(value));
        } else if constexpr (std::is_same_v<T, day>) {
            return take(parse_day(value));
        } else if constexpr (std::is_same_v<T, period>) {
            return take(period::parse(value));
        } else if constexpr (std::is_same_v<T, currency>) {
            return take(currency::of(value));
        } else if constexpr (std::is_same_v<T, limit_amount>) {
            if (value == "unlimited") {
                member = limit_amount::unlimited();
                return {};
            }
            return take(money::parse(value));
        } else if constexpr (std::is_same_v<T, band_edge>) {
            // an edge with a currency, or written with a point, is an amount; a bare whole number is a quantity, and so
            // is a JSON number, which no amount ever is
            band_edge read;
            read.by_quantity = is_quantity || value.find_first_not_of("0123456789") == std::string_view::npos;
            if (read.by_quantity) {
                auto const units = read_decimal(value, name);
                if (!units) return units.error();
                if (units.value() < decimal{}) {
                    return field_error(errc::out_of_range, name, value, "a band begins at zero or above");
                }
                read.units = units.value();
            } else {
                auto const amount = money::parse(value);
                if (!amount) return in_field(amount.error(), name);
                if (amount.value().minor_units() < 0) {
                    return field_error(errc::out_of_range, name, value, "a band begins at zero or above");
                }
                read.value = amount.value();
            }
            member = read;
            return {};
        } else if constexpr (std::is_same_v<T, band_rate>) {
            band_rate read;
            read.per_unit = !value.ends_with('%');
            if (read.per_unit) {
                auto const amount = money::parse(value);
                if (!amount) return in_field(amount.error(), name);
                if (amount.value().minor_units() < 0) {
                    return field_error(errc::out_of_range, name, value, "amounts are not negative");
                }
                read.amount = amount.value();
            } else {
                auto const percent = read_decimal(value.substr(0, value.size() - 1), name);
                if (!percent) return percent.error();
                if (percent.value() < decimal{} || percent.value() > decimal{100, 0}) {
                    return field_error(errc::out_of_range, name, value, "give a rate from 0% to 100%");
                }
                read.percent = percent.value();
            }
            member = read;
            return {};
        } else {
            static_assert(std::is_enum_v<T>);
            bool known = false;
            boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) {
                if (enumerator_text<T>(d.name) == value) {
                    member = d.value;
                    known = true;
                }
            });
            if (!known) return field_error(errc::out_of_range, name, value, "give one of " + all_enumerators<T>());
            return {};
        }
    }
}

/// The text that `read_text` reads back; nothing for a value that was left out.
template <class T>
std::optional<std::string> write_text(T const& member) {
    if constexpr (is_optional<T>) {
        if (!member) return std::nullopt;
        return write_text(*member);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return member;
    } else if constexpr (std::is_same_v<T, bool>) {
        return std::string{member ? "true" : "false"};
    } else if constexpr (is_ranged<T>) {
        return std::to_string(member.value());
    } else if constexpr (is_bounded<T>) {
        return member.value().to_string();
    } else if constexpr (std::is_same_v<T, day>) {
        return patron::to_string(member);
    } else if constexpr (std::is_same_v<T, currency>) {
        return std::string{member.code()};
    } else if constexpr (std::is_same_v<T, limit_amount>) {
        return member.is_unlimited() ? std::string{"unlimited"} : member.amount().to_string();
    } else if constexpr (std::is_same_v<T, band_edge>) {
        return member.by_quantity ? member.units.to_string() : member.value.to_string();
    } else if constexpr (std::is_same_v<T, band_rate>) {
        return member.per_unit ? member.amount.to_string() : member.percent.to_string() + "%";
    } else if constexpr (std::is_enum_v<T>) {
        return std::string{name_of_enumerator(member)};
    } else {
        return member.to_string();
    }
}

/// The first byte of an encoded fact: its kind, and what would mostly be zero bytes of their own.
inline constexpr unsigned kind_bits = 0x3F;
inline constexpr unsigned has_time_of_day = 0x40;
inline constexpr unsigned has_left_in = 0x80;    ///< a mask of the optional fields that are there follows
inline constexpr unsigned further_kinds = 0x37;  ///< of a kind from this one on, a second byte says how far beyond it
static_assert(fact_kind_count - further_kinds <= 0x80, "a second byte has room for them");

/// How many bytes at the front say what kind of fact it is.
[[nodiscard]] constexpr std::size_t bytes_of_kind(unsigned char head) noexcept {
    return (head & kind_bits) == further_kinds ? 2 : 1;
}

/// Days of facts are counted from here: those of today take two bytes.
inline constexpr day encoded_from{std::chrono::year{1990} / 1 / 1};

/// Writes a fact as bytes: variable-length integers, strings by length, a mask for what was left out.
class writer {
public:
    /// Appends to `out`; the first byte, the fact's kind, is written here.
    writer(std::string& out, std::size_t kind, std::string_view ref)
        : out_{&out}, head_{out.size()}, at_{out.size() + 1}, ref_{ref} {
        out.resize(out.size() + 96);  // most facts fit; what is left over is taken off at the end
        out[head_] = static_cast<char>(std::min<std::size_t>(kind, further_kinds));
        if (kind >= further_kinds) out[at_++] = static_cast<char>(kind - further_kinds);
    }
    writer(writer const&) = delete;
    writer& operator=(writer const&) = delete;
    ~writer() { out_->resize(at_); }

    template <class Record>
    void fact(Record const& r) {
        std::uint64_t present = 0;
        std::uint64_t bit = 1;
        each_stored<Record>([&](auto d) {
            if constexpr (!is_required<std::remove_cvref_t<decltype(r.*d.pointer)>>) {
                if (!is_absent(r.*d.pointer)) present |= bit;
                bit <<= 1U;
            }
        });
        if (present != 0) {
            flag(has_left_in);
            number(present);
        }
        each_stored<Record>([&](auto d) {
            if (!is_absent(r.*d.pointer)) value(r.*d.pointer, std::string_view{d.name} == "ref");
        });
    }

    /// Visits the members that are stored; the customer is known from the chain that the bytes stand in.
    template <class Record, class Visit>
    static void each_stored(Visit&& visit) {
        boost::mp11::mp_for_each<boost::describe::describe_members<Record, boost::describe::mod_public>>([&](auto d) {
            if constexpr (std::is_same_v<Record, corrected>) {
                visit(d);
            } else if (std::string_view{d.name} != "customer") {
                visit(d);
            }
        });
    }

private:
    void flag(unsigned bits) { (*out_)[head_] = static_cast<char>(static_cast<unsigned char>((*out_)[head_]) | bits); }

    /// A record of a list has no field that may be left out.
    template <class Record>
    void record(Record const& r) {
        each_stored<Record>([&](auto d) {
            static_assert(is_required<std::remove_cvref_t<decltype(r.*d.pointer)>>);
            value(r.*d.pointer, false);
        });
    }

    template <class T>
    static bool is_absent(T const& member) {
        if constexpr (is_optional<T>) {
            return !member;
        } else if constexpr (is_list<T>) {
            return member.empty();
        } else {
            return false;
        }
    }

    void need(std::size_t bytes) {
        if (out_->size() - at_ < bytes) out_->resize(std::max(out_->size() * 2, at_ + bytes));
    }
    void number(std::uint64_t n) {
        constexpr std::size_t longest = 10;
        need(longest);
        auto* at = out_->data() + at_;
        auto const* const from = at;
        for (; n >= 0x80; n >>= 7U) *at++ = static_cast<char>(n | 0x80U);
        *at++ = static_cast<char>(n);
        at_ += static_cast<std::size_t>(at - from);
    }
    void text(std::string_view bytes) {
        need(bytes.size());
        bytes.copy(out_->data() + at_, bytes.size());
        at_ += bytes.size();
    }
    void integer(std::int64_t n) {
        number((static_cast<std::uint64_t>(n) << 1U) ^ static_cast<std::uint64_t>(n >> 63U));
    }
    void raw(std::string_view bytes) {
        number(bytes.size());
        text(bytes);
    }

    template <class T>
    void value(T const& member, bool is_ref) {
        if constexpr (is_optional<T>) {
            value(*member, false);
        } else if constexpr (is_list<T>) {
            number(member.size());
            for (auto const& inner : member) record(inner);
        } else if constexpr (std::is_same_v<T, std::string>) {
            // an order's number is most often its reference too: length 0 says so, others are one up
            if (is_ref) {
                raw(member);
            } else if (member == ref_) {
                number(0);
            } else {
                number(member.size() + 1);
                text(member);
            }
        } else if constexpr (std::is_same_v<T, bool>) {
            number(member ? 1 : 0);
        } else if constexpr (std::is_same_v<T, money>) {
            integer(member.minor_units());
            value(member.in(), false);
        } else if constexpr (std::is_same_v<T, currency>) {
            // the letters, not the table's index: the table may grow
            auto const letters = member.code();
            unsigned packed = 0;
            for (char const c : letters) packed = packed * 26 + static_cast<unsigned>(c - 'A');
            number(letters.empty() ? 0 : packed + 1);
        } else if constexpr (std::is_same_v<T, moment>) {
            auto const days = member.on();
            auto const rest = member.seconds() - days;
            number(static_cast<std::uint32_t>((days - encoded_from).count()));
            if (rest.count() != 0) {
                flag(has_time_of_day);
                number(static_cast<std::uint64_t>(rest.count()));
            }
        } else if constexpr (std::is_same_v<T, day>) {
            integer(member.time_since_epoch().count());
        } else if constexpr (std::is_same_v<T, period>) {
            integer(member.index());
        } else if constexpr (std::is_same_v<T, decimal>) {
            integer(member.units());
            number(static_cast<std::uint64_t>(member.digits()));
        } else if constexpr (is_ranged<T>) {
            integer(member.value());
        } else if constexpr (is_bounded<T>) {
            value(member.value(), false);
        } else if constexpr (std::is_same_v<T, limit_amount>) {
            number(member.is_unlimited() ? 1 : 0);
            if (!member.is_unlimited()) value(member.amount(), false);
        } else if constexpr (std::is_same_v<T, band_edge>) {
            number(member.by_quantity ? 1 : 0);
            member.by_quantity ? value(member.units, false) : value(member.value, false);
        } else if constexpr (std::is_same_v<T, band_rate>) {
            number(member.per_unit ? 1 : 0);
            member.per_unit ? value(member.amount, false) : value(member.percent, false);
        } else {
            static_assert(std::is_enum_v<T>);
            number(static_cast<std::uint64_t>(member));
        }
    }

    std::string* out_;
    std::size_t head_;
    std::size_t at_;  ///< what is written ends here, though the string may be longer
    std::string_view ref_;
};

/// Reads what `writer` wrote; after the first unsound byte it reads nothing more.
class reader {
public:
    /// `head` is the fact's first byte, `bytes` what follows it.
    reader(unsigned char head, std::string_view bytes, std::string const& ref)
        : rest_{bytes}, ref_{&ref}, head_{head} {}

    [[nodiscard]] bool sound() const noexcept { return sound_; }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    template <class Record>
    void fact(Record& r) {
        auto present = (head_ & has_left_in) != 0 ? number() : 0;
        if ((head_ & has_left_in) != 0 && present == 0) sound_ = false;  // one value has one form
        writer::each_stored<Record>([&](auto d) {
            auto& member = r.*d.pointer;
            if constexpr (!is_required<std::remove_cvref_t<decltype(member)>>) {
                bool const given = (present & 1U) != 0;
                present >>= 1U;
                if (!given) return;
            }
            if (sound_) value(member, std::string_view{d.name} == "ref");
        });
        if (present != 0) sound_ = false;
    }

private:
    template <class Record>
    void record(Record& r) {
        writer::each_stored<Record>([&](auto d) {
            if (sound_) value(r.*d.pointer, false);
        });
    }

    std::uint64_t number() {
        std::uint64_t n = 0;
        for (unsigned shift = 0; shift < 64 && sound_ && !rest_.empty(); shift += 7) {
            auto const byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            n |= std::uint64_t{byte & 0x7FU} << shift;
            if (byte < 0x80) return n;
        }
        sound_ = false;
        return 0;
    }
    std::int64_t integer() {
        auto const n = number();
        return static_cast<std::int64_t>(n >> 1U) ^ -static_cast<std::int64_t>(n & 1U);
    }
    std::string_view raw(std::uint64_t size) {
        if (size > rest_.size()) {
            sound_ = false;
            return {};
        }
        auto const bytes = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(static_cast<std::size_t>(size));
        return bytes;
    }

    template <class T>
    void value(T& member, bool is_ref) {
        if constexpr (is_optional<T>) {
            typename T::value_type inner{};
            value(inner, false);
            member = std::move(inner);
        } else if constexpr (is_list<T>) {
            auto const count = number();
            if (count > rest_.size()) sound_ = false;  // each record takes at least a byte
            for (std::uint64_t i = 0; i < count && sound_; ++i) record(member.emplace_back());
        } else if constexpr (std::is_same_v<T, std::string>) {
            auto const size = number();
            if (is_ref) {
                member.assign(raw(size));
            } else if (size == 0) {
                member = *ref_;
            } else {
                member.assign(raw(size - 1));
            }
        } else if constexpr (std::is_same_v<T, bool>) {
            member = number() != 0;
        } else if constexpr (std::is_same_v<T, money>) {
            auto const units = integer();
            currency in;
            value(in, false);
            member = money{units, in};
        } else if constexpr (std::is_same_v<T, currency>) {
            auto packed = number();
            if (packed == 0) {
                member = {};
                return;
            }
            --packed;
            char letters[3];
            for (int i = 2; i >= 0; --i, packed /= 26) letters[i] = static_cast<char>('A' + packed % 26);
            auto const found = currency::of({letters, 3});
            if (found && packed == 0) {
                member = found.value();
            } else {
                sound_ = false;
            }
        } else if constexpr (std::is_same_v<T, moment>) {
            auto const days =
                encoded_from + std::chrono::days{static_cast<std::int32_t>(static_cast<std::uint32_t>(number()))};
            auto const seconds = (head_ & has_time_of_day) != 0 ? number() : 0;
            if (days < first_day || days > last_day || seconds >= 86'400 ||
                ((head_ & has_time_of_day) != 0 && seconds == 0)) {
                sound_ = false;
                return;
            }
            member = moment{std::chrono::sys_seconds{days} + std::chrono::seconds{static_cast<int>(seconds)}};
        } else if constexpr (std::is_same_v<T, day>) {
            member = day{std::chrono::days{small()}};
            if (!in_calendar(member)) sound_ = false;
        } else if constexpr (std::is_same_v<T, period>) {
            member = period::at_index(small());
            if (!in_calendar(member)) sound_ = false;
        } else if constexpr (std::is_same_v<T, decimal>) {
            auto const units = integer();
            auto const digits = number();
            if (digits > decimal::most_digits) sound_ = false;
            member = decimal{units, sound_ ? static_cast<int>(digits) : 0};
        } else if constexpr (is_ranged<T>) {
            member = small();
            if (!in_bounds(member)) sound_ = false;
        } else if constexpr (is_bounded<T>) {
            decimal inner;
            value(inner, false);
            member = inner;
            if (!in_bounds(member)) sound_ = false;
        } else if constexpr (std::is_same_v<T, limit_amount>) {
            if (number() != 0) {
                member = limit_amount::unlimited();
            } else {
                money amount;
                value(amount, false);
                member = amount;
            }
        } else if constexpr (std::is_same_v<T, band_edge>) {
            member.by_quantity = number() != 0;
            member.by_quantity ? value(member.units, false) : value(member.value, false);
        } else if constexpr (std::is_same_v<T, band_rate>) {
            member.per_unit = number() != 0;
            member.per_unit ? value(member.amount, false) : value(member.percent, false);
        } else {
            static_assert(std::is_enum_v<T>);
            auto const index = number();
            constexpr auto count = boost::mp11::mp_size<boost::describe::describe_enumerators<T>>::value;
            if (index >= count) {
                sound_ = false;
            } else {
                member = static_cast<T>(index);
            }
        }
    }

    int small() {
        auto const n = integer();
        if (n < -1'000'000'000 || n > 1'000'000'000) {
            sound_ = false;
            return 0;
        }
        return static_cast<int>(n);
    }

    std::string_view rest_;
    std::string const* ref_;
    unsigned char head_;
    bool sound_ = true;
};

}  // namespace patron::v1::detail
