#pragma once
// The server that scripts/lib/postgres.sh runs tests beside. Without one, tests that need it skip.
#include <patron/store/postgres.hpp>

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <string>

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
    /// As a crash would: nothing is written out, every connection breaks.
    void stop() const { REQUIRE(std::system((control_ + " stop").c_str()) == 0); }
    void start() const { REQUIRE(std::system((control_ + " start").c_str()) == 0); }

    [[nodiscard]] static std::string fresh_schema() {
        std::random_device random;
        return "t" + std::to_string(random()) + '_' + std::to_string(random());
    }

private:
    std::string url_;
    std::string control_;
    int lock_ = -1;
};

}  // namespace patron::tests
