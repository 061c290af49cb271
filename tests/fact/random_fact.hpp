// Facts of any kind with random fields, made from the descriptions alone.
#pragma once
#include <patron/fact/fact.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace patron::tests {

class random_facts {
public:
    explicit random_facts(std::uint64_t seed) : random_{seed} {}

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    /// A valid fact of that kind; each field that may be left out is left out half of the time.
    fact of(fact_kind kind) {
        for (;;) {
            // a limit takes a negative amount from its text, and only validate() refuses it
            if (auto f = filled(kind); validate(f)) return f;
        }
    }
    fact any() { return of(static_cast<fact_kind>(below(fact_kind_count))); }

private:
    fact filled(fact_kind kind) {
        auto f = make_fact(kind);
        auto const fields = fields_of(kind);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (!fields[i].required && below(2) == 0) continue;
            if (fields[i].shape == field_shape::list) {
                for (auto records = 1 + below(3); records > 0; --records) {
                    REQUIRE(append_record(f, i));
                    for (std::size_t r = 0; r < fields[i].record.size(); ++r) {
                        fill(fields[i].record[r].shape, [&](std::string const& value, text_origin from) {
                            return assign_in_record(f, i, r, value, from).has_value();
                        });
                    }
                }
            } else {
                fill(fields[i].shape,
                     [&](std::string const& value, text_origin from) { return assign(f, i, value, from).has_value(); });
            }
        }
        return f;
    }

    // a `string` may be a date, a month, an enumerator …: offer values until the field takes one
    template <class Offer>
    void fill(field_shape shape, Offer&& offer) {
        for (int attempt = 0; attempt < 10'000; ++attempt) {
            switch (shape) {
                case field_shape::text:
                    if (offer(text(), text_origin::string)) return;
                    break;
                case field_shape::money:
                    if (offer(amount(), text_origin::string)) return;
                    break;
                case field_shape::number:
                    if (offer(number(), text_origin::number)) return;
                    break;
                case field_shape::boolean:
                    if (offer(below(2) == 0 ? "true" : "false", text_origin::boolean)) return;
                    break;
                default:
                    if (offer(other(), text_origin::string)) return;
                    break;
            }
        }
        FAIL("no offered value was taken");
    }

    std::string text() {
        static constexpr std::array<char const*, 10> pieces{"a",  "Z",  "7", "-",  " ",
                                                            "\"", "\\", "/", "元", "\xF0\x9F\x98\x80"};
        std::string made = "x";
        for (auto n = below(12); n > 0; --n) made += pieces[below(pieces.size())];
        return made;
    }
    std::string digits(std::uint64_t most) { return std::to_string(below(below(most) + 1)); }
    std::string amount() {
        switch (below(4)) {
            case 0: return digits(1'000'000'000);
            case 1: return digits(1'000'000'000) + " JPY";
            case 2: return digits(1'000'000) + ".125 KWD";
            default: return digits(1'000'000'000) + ".05 CNY";
        }
    }
    std::string number() { return below(2) == 0 ? digits(12) : "0." + digits(100) + "1"; }
    std::string date() { return patron::to_string(first_day + std::chrono::days{static_cast<int>(below(109'000))}); }
    std::string other() {
        static constexpr std::array<char const*, 33> words{
            "distributor", "retailer",  "key_account", "end_user",    "group",       "ordered",     "delivered",
            "invoiced",    "paid",      "members",     "incremental", "retroactive", "rolling",     "total",
            "value",       "quantity",  "partial",     "final",       "supply",      "strategic",   "exclusive",
            "price",       "territory", "promotion",   "outlet",      "payment",     "exclusivity", "us",
            "them",        "unlimited", "order",       "shared",      "silver"};
        switch (below(10)) {
            case 0:
            case 1: return date();
            case 2: return date() + "T23:59:0" + std::to_string(below(10)) + "Z";
            case 3: return date().substr(0, 7);
            case 4: return "CNY";
            case 5: return amount();
            case 6: return digits(100) + "." + digits(100) + "%";
            case 7: return (below(2) == 0 ? "-" : "") + digits(1000) + ".5";
            default: return words[below(words.size())];
        }
    }

    std::mt19937_64 random_;
};

}  // namespace patron::tests
