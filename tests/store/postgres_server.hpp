#pragma once
// The server that scripts/lib/postgres.sh runs tests beside. Without one, tests that need it skip.
#include <patron/store/postgres.hpp>
#include <patron/testing/event_store_laws.hpp>

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace patron::tests {

/// Tests run at the same time as others, in other processes: who stops the server needs it alone.
class postgres_server {
public:
    enum class use : std::uint8_t { shared, alone };

    explicit postgres_server(use how = use::shared) {
        auto const* const url = std::getenv("PATRON_TEST_POSTGRES");
        auto const* const control = std::getenv("PATRON_TEST_POSTGRES_CONTROL");
        if (url == nullptr || control == nullptr) {
            SKIP("there is no PostgreSQL server: PATRON_TEST_POSTGRES is not set (scripts/lib/postgres.sh run ...)");
        }
        url_ = url;
        control_ = control;
        lock_ = ::open(control, O_RDONLY | O_CLOEXEC);
        REQUIRE(lock_ >= 0);
        REQUIRE(::flock(lock_, how == use::alone ? LOCK_EX : LOCK_SH) == 0);
    }
    postgres_server(postgres_server const&) = delete;
    postgres_server& operator=(postgres_server const&) = delete;
    ~postgres_server() { ::close(lock_); }

    [[nodiscard]] std::string const& url() const noexcept { return url_; }
    /// The URL with this between its "://" and its "/": user, password, host and port.
    [[nodiscard]] std::string url_at(std::string const& authority) const {
        auto const from = url_.find("://") + 3;
        return url_.substr(0, from) + authority + url_.substr(url_.find('/', from));
    }
    [[nodiscard]] std::string user_and_password() const {
        auto const from = url_.find("://") + 3;
        return url_.substr(from, url_.find('@') - from);
    }
    [[nodiscard]] std::string password() const {
        auto const both = user_and_password();
        return both.substr(both.find(':') + 1);
    }
    [[nodiscard]] std::uint16_t port() const {
        auto const host = url_.find('@');
        return static_cast<std::uint16_t>(std::stoi(url_.substr(url_.find(':', host) + 1)));
    }

    /// As a crash would: nothing is written out, every connection breaks. False when the server does not do it.
    [[nodiscard]] bool stop() const { return std::system((control_ + " stop").c_str()) == 0; }
    [[nodiscard]] bool start() const { return std::system((control_ + " start").c_str()) == 0; }

    [[nodiscard]] static std::string fresh_schema() {
        std::random_device random;
        return "t" + std::to_string(random()) + '_' + std::to_string(random());
    }

    /// What psql prints for a statement: a line a row, or "psql failed".
    [[nodiscard]] std::string sql(std::string const& statement) const {
        std::string quoted;
        for (char const c : statement) quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
        auto const command = "psql '" + url_ + "' -X -A -t -q -v ON_ERROR_STOP=1 -c '" + quoted + '\'';
        std::string out;
        auto* const from = ::popen(command.c_str(), "r");
        char piece[512];
        while (from != nullptr && std::fgets(piece, sizeof piece, from) != nullptr) out += piece;
        return from != nullptr && ::pclose(from) == 0 ? out : "psql failed";
    }

    [[nodiscard]] store::postgres_store open(store::postgres_options options) const {
        auto opened = store::postgres_store::open(url_, std::move(options));
        if (!opened) FAIL(opened.error().message());
        return std::move(opened.value());
    }

private:
    std::string url_;
    std::string control_;
    int lock_ = -1;
};

/// The value, or the end of the test with the error's words. Only in the test's own thread.
template <class T>
T value_of(result<T> r) {
    if (!r) FAIL(r.error().message());
    return std::move(r.value());
}
inline void done(result<void> const& r) {
    if (!r) FAIL(r.error().message());
}
template <class T>
errc code_of(result<T> const& r) {
    return r ? errc{} : r.error().code;
}

/// Owns the entries of a batch.
struct owned_batch {
    std::vector<testing::detail::law_entry> entries;
    std::vector<slot_expectation> expected{};

    [[nodiscard]] append_batch seen() const { return testing::detail::law_trial::batch_of(entries, expected); }
};

using testing::detail::law_order;

/// A customer of that slot.
inline std::string customer_of(std::uint16_t slot) {
    if (slot >= book_slot) return {};
    for (int i = 0;; ++i) {
        auto code = "C-" + std::to_string(i);
        if (slot_of_customer(code) == slot) return code;
    }
}

inline testing::detail::law_entry decision_of(std::uint16_t slot, std::string const& json) {
    return {.slot = slot, .customer = customer_of(slot), .bytes = decision_tag + json};
}

/// The references of a slot's facts, in order.
template <class Store>
std::vector<std::string> references_in(Store& from, std::uint16_t slot) {
    std::vector<std::string> out;
    auto const read = from.read_slot(slot, 0, [&](journal_entry const& e) {
        if (kind_of_entry(e.bytes) == entry_kind::fact_told) out.emplace_back(encoded_ref(e.bytes));
        return true;
    });
    if (!read) FAIL(read.error().message());
    return out;
}

/// The store is sound, word for word.
template <class Store>
void check_sound(Store& of) {
    auto const report = of.verify();
    if (!report) FAIL(report.error().message());
    for (auto const& fault : report.value().faults) UNSCOPED_INFO(fault);
    CHECK(report.value().faults.empty());
}

}  // namespace patron::tests
