#include <patron/engine/event_store.hpp>  // first: the header stands on its own

#include <patron/fact/fact.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("a customer's slot is the same on every platform and in every release", "[engine][event_store]") {
    // stores hold facts by it: these numbers never change
    STATIC_CHECK(slot_of_customer("C-1001") == 40);
    STATIC_CHECK(slot_of_customer("") == 902);
    STATIC_CHECK(slot_of_customer("\xe5\xae\xa2\xe6\x88\xb7") == 939);
    STATIC_CHECK(customer_slots == 1'024);
    STATIC_CHECK(book_slot == 1'024);
}

TEST_CASE("an entry's first byte tells what it is, whatever the kind of fact", "[engine][event_store]") {
    for (std::size_t kind = 0; kind < fact_kind_count; ++kind) {
        auto f = make_fact(static_cast<fact_kind>(kind));
        set_ref(f, "R");
        std::string bytes;
        encode(bytes, f);
        CHECK(kind_of_entry(bytes) == entry_kind::fact_told);
    }
    CHECK(kind_of_entry("\x38") == entry_kind::engine_mark);
    CHECK(kind_of_entry("\x3e") == entry_kind::engine_mark);
    CHECK(kind_of_entry("\x3f{}") == entry_kind::decision_made);
}

TEST_CASE("an expected version allows what it says", "[engine][event_store]") {
    STATIC_CHECK(expected_version::any().allows(0));
    STATIC_CHECK(expected_version::any().allows(7));
    STATIC_CHECK(expected_version::none().allows(0));
    STATIC_CHECK_FALSE(expected_version::none().allows(1));
    STATIC_CHECK(expected_version::exactly(7).allows(7));
    STATIC_CHECK_FALSE(expected_version::exactly(7).allows(8));
    STATIC_CHECK(expected_version::none() == expected_version::exactly(0));
    STATIC_CHECK_FALSE(expected_version::exactly(7).is_any());
    slot_versions v;
    v.of(3) = 4;
    v.of(book_slot) = 5;
    CHECK(v.total() == 9);
}
