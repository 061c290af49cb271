// A user's program that keeps its book: 0 when what was told is there after opening again.
#include <patron/store/open.hpp>
#include <patron/store/stored_book.hpp>

#include <cstdio>

int main() {
    using namespace patron;
    for (auto const& name : store::stores_built_in()) {
        if (name == "postgresql") continue;  // needs a server
        auto const url = name == "sqlite" ? std::string{"sqlite:consumer.db"} : name + ':';
        for (auto const* ending : {"", "-wal", "-shm", ".snapshot"})
            std::remove(("consumer.db" + std::string{ending}).c_str());
        auto place = store::open_store(url);
        if (!place) return 1;
        auto book = store::stored_book::open(std::move(place.value()));
        if (!book) return 2;
        order_placed order;
        order.ref = order.order = "SO-1";
        order.customer = "C-1";
        order.at = day{std::chrono::year{2026} / 3 / 2};
        order.amount = money{12'000, currency::literal("EUR")};
        if (!book.value().apply(fact{order})) return 3;
        if (!book.value().save_snapshot()) return 4;
        if (name == "memory") continue;
        auto again = store::stored_book::open(store::open_store(url).value());
        if (!again || again.value().book().size() != 1 || again.value().opened().from_snapshot == 0) return 5;
        if (!again.value().store().verify().value().faults.empty()) return 6;
    }
    return 0;
}
