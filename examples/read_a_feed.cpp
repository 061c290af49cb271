// What happens to a feed with bad rows? Each is reported with its line, its field and what would mend it.
#include <patron/feed/block_reader.hpp>
#include <patron/patron.hpp>

#include <iostream>
#include <vector>

using namespace patron;

int main() {
    // tag::read[]
    engine book;
    std::vector<received> rows;
    auto const read = feed::for_each("data/bad_rows.jsonl", feed::options{.source = "bad_rows.jsonl"},
                                     [&](feed::record row) { rows.push_back(std::move(row)); });
    if (!read) {
        std::cerr << read.error().message() << '\n';
        return 1;
    }
    auto const outcome = book.apply(rows);
    // end::read[]

    std::cout << outcome.read << " rows: " << outcome.applied << " applied, " << outcome.duplicate << " duplicate, "
              << outcome.rejected.size() << " rejected\n";
    // tag::errors[]
    for (auto const& rejected : outcome.rejected) {
        std::cout << "line " << rejected.line << ", field " << rejected.field << ", " << name_of(rejected.code)
                  << ": saw " << rejected.saw << "; " << rejected.remedy << '\n';
    }
    // end::errors[]
    auto const customer = book.find("C-1001").value();
    std::cout << customer.state.orders << " orders, exposure " << customer.exposure() << '\n';
}
