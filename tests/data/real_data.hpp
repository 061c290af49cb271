// The public data sets that the tests replay; they are beside the project, not part of it.
#pragma once
#include <patron/engine/engine.hpp>
#include <patron/feed/block_reader.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace real_data {

/// The path of a file of the data sets; skips the test where they are not at hand.
inline std::string path_of(char const* relative) {
    auto const path = std::filesystem::path{PATRON_SHARED_DATA} / relative;
    if (!std::filesystem::exists(path)) SKIP("needs the public data set " << relative << " under " PATRON_SHARED_DATA);
    return path.string();
}

/// What a feed did to a book, counted row by row.
struct replayed {
    patron::engine book;
    std::uint64_t read = 0;
    std::uint64_t applied = 0;
    std::uint64_t duplicate = 0;
    std::vector<patron::error> rejected{};
    std::map<std::string, int> orders_in{};  ///< month and orders with an amount
    int orders_of_nothing = 0;
};

/// Reads all of a source into a book, in batches on two threads, and brings the book to the day of the last fact.
inline replayed replay(patron::feed::block_reader& from, patron::feed::layout const& how,
                       patron::engine_options options = {}) {
    replayed all{patron::engine{std::move(options)}};
    std::vector<patron::received> batch;
    auto const flush = [&] {
        auto outcome = all.book.apply(batch, {.threads = 2});
        all.read += outcome.read;
        all.applied += outcome.applied;
        all.duplicate += outcome.duplicate;
        std::move(outcome.rejected.begin(), outcome.rejected.end(), std::back_inserter(all.rejected));
        batch.clear();
    };
    auto const read = patron::feed::for_each(from, how, [&](patron::feed::record&& row) {
        if (row.content) {
            if (auto const* order = std::get_if<patron::order_placed>(&row.content.value())) {
                if (order->amount.minor_units() == 0) {
                    ++all.orders_of_nothing;
                } else {
                    ++all.orders_in[patron::period{order->at.on()}.to_string()];
                }
            }
        }
        batch.push_back(std::move(row));
        if (batch.size() == 8'192) flush();
    });
    REQUIRE(read.has_value());
    flush();
    all.book.advance_to(all.book.latest_day().value());
    return all;
}

/// Text that a function makes line by line, as a source of a block reader.
inline patron::feed::block_reader::source lines(std::function<bool(std::string& line)> next) {
    return [next = std::move(next), held = std::string{}](std::span<char> into) mutable -> patron::result<std::size_t> {
        std::string line;
        while (held.size() < into.size() && next(line)) held += line + '\n';
        auto const size = std::min(held.size(), into.size());
        std::memcpy(into.data(), held.data(), size);
        held.erase(0, size);
        return size;
    };
}

/// Sums over the book.
struct totals {
    std::int64_t purchases = 0;  ///< minor units
    std::uint64_t orders = 0;
    std::uint64_t purchase_days = 0;
    int customers = 0;
    int without_purchases = 0;
    std::map<std::string, int> first_ordered_in{};  ///< month and customers
};

inline totals totals_of(patron::engine const& book) {
    totals sum;
    book.each_by_code([&](patron::customer_row const& row) {
        sum.purchases += row.state.purchases;
        sum.orders += row.state.orders;
        sum.purchase_days += row.state.purchase_days;
        ++sum.customers;
        sum.without_purchases += row.state.purchases == 0 ? 1 : 0;
        ++sum.first_ordered_in[patron::period{patron::day_of(row.state.first_order)}.to_string()];
        return true;
    });
    return sum;
}

/// The stages that a customer went through, each with its day: "1997-01-01 initial, 1997-09-30 declining".
inline std::string path_of(patron::engine const& book, std::string const& customer) {
    std::string path;
    for (auto const& stay : book.history(customer).value().stays) {
        if (stay.stage == patron::stage::prospect) continue;  // until the first order, which is on the same day here
        path += (path.empty() ? "" : ", ") + patron::to_string(patron::day_of(stay.entered)) + ' ' +
                std::string{patron::name_of(stay.stage)};
    }
    return path;
}

/// A customer whose path was worked out by hand.
struct worked_out {
    char const* customer;
    char const* path;
};

}  // namespace real_data
