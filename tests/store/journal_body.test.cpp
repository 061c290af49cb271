#include "../../src/store/journal_body.hpp"  // first: the header stands on its own

#include <patron/fact/fact.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::store_detail;

namespace {

std::vector<journal_entry> read_all(std::string_view body, bool& sound) {
    std::vector<journal_entry> out;
    body_reader reader{body};
    journal_entry e;
    while (reader.next(e)) out.push_back(e);
    sound = reader.sound();
    return out;
}

}  // namespace

TEST_CASE("a row's body gives back the entries that it was made of", "[store][sqlite]") {
    std::mt19937 random{5};
    for (int trial = 0; trial < 200; ++trial) {
        std::vector<std::string> texts;
        std::vector<journal_entry> entries;
        auto const count = 1 + random() % 300;
        texts.reserve(2 * count);
        for (std::size_t i = 0; i < count; ++i) {
            auto const& customer = texts.emplace_back(random() % (i % 20 == 0 ? 300 : 12), 'c');
            auto const& bytes =
                texts.emplace_back(1 + random() % (i % 20 == 0 ? 20'000 : 90), static_cast<char>(random()));
            entries.push_back({static_cast<std::uint16_t>(random() % slots_in_all), customer, bytes});
        }
        body_writer writer;
        std::size_t at = 0;
        for (auto const& e : entries) {
            if (!writer.has_room_for(e)) {
                REQUIRE(writer.body().size() <= body_writer::usual_size + longest_varint);
                bool sound = false;
                auto const some = read_all(writer.body(), sound);
                REQUIRE(sound);
                REQUIRE(std::equal(some.begin(), some.end(), entries.begin() + static_cast<std::ptrdiff_t>(at)));
                at += some.size();
                writer.clear();
            }
            writer.add(e);
        }
        bool sound = false;
        auto const rest = read_all(writer.body(), sound);
        REQUIRE(sound);
        REQUIRE(body_reader{writer.body()}.count() == rest.size());
        REQUIRE(std::vector<journal_entry>(entries.begin() + static_cast<std::ptrdiff_t>(at), entries.end()) == rest);
    }
}

TEST_CASE("a row's body is the same on every machine", "[store][sqlite]") {
    body_writer writer;
    writer.add({0x0102, "C", std::string(200, 'x')});
    writer.add({book_slot, "", "\x3f"});
    REQUIRE(writer.body() ==
            "\x02"
            "\x02\x01"
            "\x01"
            "C"
            "\xc8\x01" +
                std::string(200, 'x') +
                std::string{"\x00\x04"
                            "\x00"
                            "\x01"
                            "\x3f",
                            5});
}

TEST_CASE("a body that is cut short or changed is sound only if it could have been written", "[store][sqlite]") {
    body_writer writer;
    for (int i = 0; i < 20; ++i)
        writer.add({static_cast<std::uint16_t>(i * 50), i % 3 == 0 ? "" : "C-1", "\x01 bytes"});
    std::string const body{writer.body()};
    bool sound = true;
    for (std::size_t size = 0; size < body.size(); ++size) {
        std::string const part = body.substr(0, size);  // memory of its own: reading behind it would be noticed
        (void)read_all(part, sound);
        REQUIRE(!sound);
    }
    (void)read_all(body + 'x', sound);
    REQUIRE(!sound);
    std::mt19937 random{9};
    for (int i = 0; i < 20'000; ++i) {
        auto changed = body;
        for (auto n = 1 + random() % 3; n > 0; --n) changed[random() % changed.size()] = static_cast<char>(random());
        auto const found = read_all(changed, sound);
        if (!sound) continue;
        body_writer again;
        for (auto const& e : found) again.add(e);
        REQUIRE(again.body() == changed);  // one list of entries has one form
    }
}

TEST_CASE("a reference is found in a fact's bytes as decoding finds it, and not behind their end", "[store][sqlite]") {
    order_placed f;
    f.ref = "SO-1";
    f.order = "another";
    f.at = day{std::chrono::year{2024} / 3 / 1};
    f.customer = "C-1";
    f.amount = money{100, currency::literal("CNY")};
    f.delegated = true;
    for (auto const& some : {fact{f}, fact{order_placed{}}, make_fact(fact_kind::review_held)}) {
        std::string bytes;
        encode(bytes, some);
        REQUIRE(reference_in(bytes) == encoded_ref(bytes));
        for (std::size_t size = 1; size < bytes.size(); ++size) {
            std::string const part = bytes.substr(0, size);
            auto const found = reference_in(part);
            if (found) REQUIRE(*found == encoded_ref(bytes));
        }
    }
    REQUIRE(!reference_in("\x01"));
    REQUIRE(!reference_in("\x81\x80"));
    REQUIRE(!reference_in(std::string{"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}));
}
