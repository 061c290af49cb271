// The server and the connections to it fail in the middle of appends.
#include "postgres_server.hpp"

#include <patron/store/postgres.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace patron;
using namespace patron::tests;
using namespace std::chrono_literals;
using store::postgres_store;

namespace {

enum class cut : std::uint8_t {
    never,
    before_commit,  ///< COMMIT does not reach the server
    at_commit,      ///< it does, and nobody waits for what comes of it
    after_commit,   ///< it is done, and its answer does not come back
    late_commit,    ///< it reaches the server when its sender has long given up
};

/// Stands between a store and the server, and cuts a connection in which COMMIT comes by.
class cutting_proxy {
public:
    explicit cutting_proxy(std::uint16_t server) : server_{server} {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto at = address(0);
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
        REQUIRE(::listen(listener_, 16) == 0);
        socklen_t size = sizeof at;
        REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
        port_ = ntohs(at.sin_port);
        accepting_ = std::thread{[this] { accept_all(); }};
    }
    cutting_proxy(cutting_proxy const&) = delete;
    cutting_proxy& operator=(cutting_proxy const&) = delete;
    ~cutting_proxy() {
        ended_ = true;
        accepting_.join();
        for (auto& t : pairs_) t.join();
        ::close(listener_);
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// The next COMMIT is cut off in this way; connections are refused for a while then.
    void arm(cut how, std::chrono::milliseconds refuse = 0ms) {
        refuse_ = refuse;
        how_ = how;
    }
    [[nodiscard]] int cuts() const noexcept { return cuts_; }

private:
    static sockaddr_in address(std::uint16_t port) {
        sockaddr_in out{};
        out.sin_family = AF_INET;
        out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        out.sin_port = htons(port);
        return out;
    }
    void accept_all() {
        while (!ended_) {
            pollfd ready{listener_, POLLIN, 0};
            if (::poll(&ready, 1, 20) != 1) continue;
            auto const client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) continue;
            if (std::chrono::steady_clock::now() < refuse_until_.load()) {
                ::close(client);
                continue;
            }
            pairs_.emplace_back([this, client] {
                auto const server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                auto const at = address(server_);
                if (::connect(server, reinterpret_cast<sockaddr const*>(&at), sizeof at) == 0) pass_on(client, server);
                ::close(client);
                ::close(server);
            });
        }
    }
    static bool send_all(int to, std::string_view bytes) {
        while (!bytes.empty()) {
            auto const sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void pass_on(int client, int server) {
        std::string piece(1 << 16, '\0');
        std::string tail;  // COMMIT may come in two pieces
        while (!ended_) {
            pollfd ready[2]{{client, POLLIN, 0}, {server, POLLIN, 0}};
            if (::poll(ready, 2, 20) <= 0) continue;
            for (int i = 0; i < 2; ++i) {
                if (ready[i].revents == 0) continue;
                auto const got = ::recv(ready[i].fd, piece.data(), piece.size(), 0);
                if (got <= 0) return;
                std::string_view const bytes{piece.data(), static_cast<std::size_t>(got)};
                if (i == 1) {
                    if (!send_all(client, bytes)) return;
                    continue;
                }
                tail += bytes;
                auto const commits = tail.find(std::string_view{"COMMIT\0", 7}) != std::string::npos;
                tail = commits ? "" : tail.substr(tail.size() - std::min<std::size_t>(tail.size(), 6));
                auto const how = commits ? how_.exchange(cut::never) : cut::never;
                if (how != cut::never) {
                    ++cuts_;
                    refuse_until_ = std::chrono::steady_clock::now() + refuse_.load();
                }
                if (how == cut::before_commit) return;
                if (how == cut::late_commit) {
                    ::shutdown(client, SHUT_RDWR);
                    std::this_thread::sleep_for(250ms);
                    (void)send_all(server, bytes);
                    std::this_thread::sleep_for(20ms);
                    return;
                }
                if (!send_all(server, bytes)) return;
                if (how == cut::at_commit) return;
                if (how == cut::after_commit) {
                    (void)::recv(server, piece.data(), piece.size(), 0);  // its answer
                    std::this_thread::sleep_for(20ms);
                    return;
                }
            }
        }
    }

    std::uint16_t server_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<bool> ended_ = false;
    std::atomic<cut> how_ = cut::never;
    std::atomic<std::chrono::milliseconds> refuse_{0ms};
    std::atomic<std::chrono::steady_clock::time_point> refuse_until_{};
    std::atomic<int> cuts_ = 0;
    std::thread accepting_;
    std::vector<std::thread> pairs_;
};

owned_batch of_slots(std::vector<std::uint16_t> const& slots, std::string const& ref) {
    owned_batch out;
    for (auto const slot : slots) out.entries.push_back(law_order(customer_of(slot), ref));
    return out;
}

/// Each acknowledged reference is in each of its slots once, and no other batch is there in part.
void check_all_there(postgres_store& book, std::vector<std::uint16_t> const& slots,
                     std::vector<std::string> const& acknowledged) {
    std::map<std::string, std::size_t> there;
    for (auto const slot : slots) {
        for (auto const& ref : references_in(book, slot)) ++there[ref];
    }
    std::size_t missing = 0;
    for (auto const& ref : acknowledged) missing += there.contains(ref) ? 0U : 1U;
    CHECK(missing == 0);
    std::size_t in_part_or_twice = 0;
    for (auto const& [ref, times] : there) in_part_or_twice += times == slots.size() ? 0U : 1U;
    CHECK(in_part_or_twice == 0);
    check_sound(book);
}

}  // namespace

TEST_CASE("a connection that breaks around a commit is looked up, not guessed", "[store][postgres][fault]") {
    postgres_server const server;
    auto const how = GENERATE(cut::before_commit, cut::at_commit, cut::after_commit, cut::late_commit);
    auto const many = GENERATE(false, true);  // by INSERT, by COPY
    CAPTURE(static_cast<int>(how), many);
    cutting_proxy proxy{server.port()};
    auto const place = server.fresh_schema();
    auto const url = server.url_at(server.user_and_password() + "@127.0.0.1:" + std::to_string(proxy.port()));
    auto opened = postgres_store::open(url, {.schema = place});
    REQUIRE(opened.has_value());
    auto& book = opened.value();
    std::vector<std::uint16_t> slots{3, 4};
    if (many) {
        for (std::uint16_t s = 100; s < 200; ++s) slots.push_back(s);
    }
    (void)value_of(book.append(of_slots(slots, "first").seen()));
    for (int n = 0; n < 3; ++n) {
        auto batch = of_slots(slots, "n-" + std::to_string(n));
        batch.entries.push_back(decision_of(3, std::to_string(n)));
        proxy.arm(how);
        CHECK(value_of(book.append(batch.seen())) == append_outcome{slots.size() + 1, 0});
        CHECK(proxy.cuts() == n + 1);
    }
    append_batch texts;
    texts.personal = {{"C", "p", "Li Wei"}};
    texts.notes = {{"n", "1"}};
    proxy.arm(how);
    CHECK(value_of(book.append(texts)) == append_outcome{0, 0});
    CHECK(book.note("n").value() == "1");
    CHECK(book.personal("C").value().size() == 1);
    check_all_there(book, slots, {"first", "n-0", "n-1", "n-2"});
    CHECK(book.decisions(0, 10).value().size() == 3);
    CHECK(value_of(book.append(of_slots(slots, "last").seen())) == append_outcome{slots.size(), 0});
}

TEST_CASE("when the server stays away after a commit the error says that nobody knows", "[store][postgres][fault]") {
    postgres_server const server;
    auto const how = GENERATE(cut::before_commit, cut::after_commit);
    cutting_proxy proxy{server.port()};
    auto const place = server.fresh_schema();
    auto const url = server.url_at(server.user_and_password() + "@127.0.0.1:" + std::to_string(proxy.port()));
    auto opened = postgres_store::open(url, {.schema = place, .reconnect = 300ms});
    REQUIRE(opened.has_value());
    auto& book = opened.value();
    (void)value_of(book.append(of_slots({3}, "first").seen()));
    proxy.arm(how, 900ms);
    auto const unknown = book.append(of_slots({3}, "second").seen());
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().code == errc::io_failure);
    CHECK(unknown.error().remedy.find("outcome is unknown") != std::string::npos);
    CHECK(unknown.error().message().find(server.password()) == std::string::npos);
    std::this_thread::sleep_for(800ms);
    // sent again, it takes effect once, whether it was made or not
    auto const again = book.append(of_slots({3}, "second").seen());
    CHECK(value_of(again) == (how == cut::after_commit ? append_outcome{0, 1} : append_outcome{1, 0}));
    check_all_there(book, {3}, {"first", "second"});
}

TEST_CASE("backends that are terminated cost no acknowledged append and double none",
          "[store][postgres][fault][threads]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    std::vector<std::uint16_t> const slots{1, 2, 600};
    std::vector<std::string> acknowledged;
    std::mutex guard;
    {
        auto opened = postgres_store::open(server.url() + "?application_name=" + place, {.schema = place});
        REQUIRE(opened.has_value());
        auto& book = opened.value();
        std::atomic<bool> over = false;
        std::vector<std::string> failures;
        std::vector<std::thread> threads;
        for (int t = 0; t < 3; ++t) {
            threads.emplace_back([&, t] {
                for (int n = 0; !over; ++n) {
                    auto const ref = std::to_string(t) + '-' + std::to_string(n);
                    auto const made = book.append(of_slots(slots, ref).seen());
                    std::lock_guard const lock{guard};
                    if (made) {
                        acknowledged.push_back(ref);
                    } else {
                        failures.push_back(made.error().message());
                    }
                }
            });
        }
        for (int i = 0; i < 25; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds{17 * (i % 5)});
            (void)server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" +
                             place + "'");
        }
        over = true;
        for (auto& t : threads) t.join();
        for (auto const& failure : failures) UNSCOPED_INFO(failure);
        CHECK(failures.size() <= 3);  // an append that met it three times in a row says so
        CHECK(acknowledged.size() > 25);
    }
    auto book = server.open({.schema = place});
    check_all_there(book, slots, acknowledged);
}

TEST_CASE("a server that stops at once in the middle of commits loses nothing acknowledged",
          "[store][postgres][fault][crash]") {
    postgres_server const server{postgres_server::use::alone};
    auto const place = server.fresh_schema();
    std::vector<std::uint16_t> const slots{1, 2, 600};
    std::vector<std::string> acknowledged;
    std::mutex guard;
    std::vector<std::string> failures;
    {
        auto book = server.open({.schema = place, .reconnect = 15s});
        auto other = server.open({.schema = place, .reconnect = 15s});
        std::atomic<bool> over = false;
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (int n = 0; !over; ++n) {
                    auto const ref = std::to_string(t) + '-' + std::to_string(n);
                    auto const made = book.append(of_slots(slots, ref).seen());
                    std::lock_guard const lock{guard};
                    if (made) {
                        acknowledged.push_back(ref);
                    } else {
                        failures.push_back(made.error().message());
                    }
                }
            });
        }
        // who only reads is served again as well, from where it was
        threads.emplace_back([&] {
            while (!over) {
                std::uint64_t seen = 0;
                auto const read = other.read_slot(1, 0, [&](journal_entry const&) { return ++seen > 0; });
                std::lock_guard const lock{guard};
                if (!read) failures.push_back(read.error().message());
            }
        });
        auto const count = [&] {
            std::lock_guard const lock{guard};
            return acknowledged.size();
        };
        for (int i = 0; i < 8; ++i) {
            // at some moment once it goes on again
            auto const before = count();
            for (int n = 0; n < 500 && count() <= before; ++n) std::this_thread::sleep_for(10ms);
            auto const goes_on = count() > before;
            std::this_thread::sleep_for(std::chrono::milliseconds{53 * i % 200});
            auto const stopped = server.stop();
            auto const started = server.start();
            std::lock_guard const lock{guard};
            if (!goes_on) failures.emplace_back("nothing goes on");
            if (!stopped || !started) failures.emplace_back("the server does not stop or start");
        }
        std::this_thread::sleep_for(300ms);
        over = true;
        for (auto& t : threads) t.join();
    }
    for (auto const& failure : failures) UNSCOPED_INFO(failure);
    CHECK(failures.empty());
    auto book = server.open({.schema = place});
    check_all_there(book, slots, acknowledged);
    auto const kept = references_in(book, 1);
    CHECK(kept.size() == acknowledged.size());  // none that nobody was told of, for all outcomes were found out
}

TEST_CASE("without a server an append fails after a while, cleanly, and goes on when it is back",
          "[store][postgres][fault][crash]") {
    postgres_server const server{postgres_server::use::alone};
    auto book = server.open({.schema = server.fresh_schema(), .lease = 2s, .reconnect = 300ms});
    (void)value_of(book.append(of_slots({5}, "a").seen()));
    REQUIRE(server.stop());
    auto const away = book.append(of_slots({5}, "b").seen());
    auto const reading = book.versions();
    REQUIRE(server.start());
    REQUIRE_FALSE(away.has_value());
    CHECK(away.error().code == errc::io_failure);
    CHECK(away.error().remedy.find("unknown") == std::string::npos);  // it is known: not made
    CHECK_FALSE(reading.has_value());
    CHECK(value_of(book.append(of_slots({5}, "c").seen())) == append_outcome{1, 0});
    CHECK(references_in(book, 5) == std::vector<std::string>{"a", "c"});
}
