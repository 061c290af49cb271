// Writes the archive of a release: write_archive FOLDER. What it wrote is read by the tests of all later releases.
#include <patron/store/sqlite.hpp>
#include <patron/store/stored_book.hpp>
#include <patron/testing/simulation.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace patron;

namespace {

void apply(store::stored_book& book, std::vector<received> rows) {
    if (!book.apply(rows).value().rejected.empty()) std::abort();
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: write_archive FOLDER\n", stderr);
        return 2;
    }
    std::filesystem::path const folder{arguments[1]};
    std::filesystem::create_directories(folder);
    auto const file = (folder / "book.db").string();
    auto const open = [&](store::book_options how) {
        return store::stored_book::open(store::sqlite_store::open(file).value(), std::move(how)).value();
    };
    testing::simulation told{{.customers = 25, .months = 9, .seed = 2026}};
    std::vector<received> rows;
    while (auto f = told.next()) rows.push_back({0, std::move(*f)});
    auto const half = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
    {
        auto book = open({});
        apply(book, {rows.begin(), half});
    }
    lifecycle::lifecycle_rules house;
    house.version = "house-2";
    house.promotion.promote_share = basis_points{6'000};
    auto book = open({.rules = house});
    apply(book, {half, rows.end() - 40});
    if (!book.save_snapshot()) return 1;
    apply(book, {rows.end() - 40, rows.end()});  // behind the snapshot
    corrected mend;
    mend.ref = "mended";
    mend.at = day{*book.book().latest_day()};
    for (auto const& row : rows) {
        if (auto const* order = std::get_if<order_placed>(&row.content.value())) mend.of = order->ref;
    }
    mend.changes = {{"amount", "1234.00 CNY"}};
    book.apply(fact{mend}).value();

    std::ofstream lines{folder / "book.jsonl", std::ios::binary};
    book.each_by_code([&](customer_row const& row) {
        std::string line;
        append_json(line, row);
        lines << line << '\n';
        return true;
    });
    lines.flush();
    return lines ? 0 : 1;
}
