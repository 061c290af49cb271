// How does a book survive the program? It is kept in one file; what was acknowledged is there when it is opened again.
#include <patron/store/open.hpp>
#include <patron/store/stored_book.hpp>

#include <filesystem>
#include <iostream>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

order_placed order(day at, std::string number, money amount) {
    return {.ref = number, .at = at, .customer = "C-1001", .order = number, .amount = amount};
}

}  // namespace

int main() {
    auto const path = std::filesystem::temp_directory_path() / "patron_keep_a_book.db";
    for (auto const* ending : {"", "-wal", "-shm", ".snapshot"}) std::filesystem::remove(path.string() + ending);
    auto const url = "sqlite:" + path.string();
    // tag::keep[]
    {
        auto book = store::stored_book::open(store::open_store(url).value()).value();
        book.apply(
                customer_enrolled{.ref = "E-1", .at = 2026y / 1 / 5, .customer = "C-1001", .name = "Harbour Wholesale"})
            .value();
        book.apply(order(2026y / 1 / 12, "SO-1", 18'000.00_CNY)).value();  // durable when it returns
        auto const refused = book.apply(order(2026y / 1 / 13, "SO-1", 5.00_CNY));
        std::cout << "refused: " << refused.error().message() << '\n';
    }  // the program ends, or the machine does

    auto book = store::stored_book::open(store::open_store(url).value()).value();
    std::cout << "opened again: " << name_of(book.find("C-1001").value().state.stage) << ", exposure "
              << book.find("C-1001").value().exposure() << '\n';
    // end::keep[]

    // tag::after[]
    book.review(2026y / 1 / 31).value();  // for good: facts of January are late from now on
    std::cout << "late: " << book.apply(order(2026y / 1 / 20, "SO-2", 1.00_CNY)).error().message() << '\n';
    for (auto const& decision : book.store().decisions(1, 10).value()) {
        std::cout << store::to_cloud_event(decision, "house") << '\n';
    }
    auto const found = store::audit(book.store()).value();
    std::cout << found.decisions << " decision made again, " << found.different.size() << " differ\n";
    // end::after[]
}
