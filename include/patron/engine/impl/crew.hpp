#pragma once
// Threads that stay: a batch is cut into stages too short to start threads for.
#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <type_traits>
#include <vector>

namespace patron::inline v1::detail {

/// Runs one work on several threads at a time. One caller at a time; its thread works too.
class crew {
public:
    crew() = default;
    crew(crew const&) = delete;
    crew& operator=(crew const&) = delete;
    ~crew() {
        stopping_ = true;
        begin_round();
        for (auto& helper : helpers_) helper.join();
    }

    /// Calls `work(t)` for each t below `threads` and returns when all have; t = 0 is the caller.
    /// What a work throws is thrown here, one of them when several do.
    template <class Work>
    void run(unsigned threads, Work&& work) {
        if (threads <= 1) return work(0U);
        while (helpers_.size() + 1 < threads) {
            auto const number = static_cast<unsigned>(helpers_.size() + 1);
            helpers_.emplace_back([this, number, seen = round_.load()] { help(number, seen); });
        }
        threads_ = threads;
        work_ = &work;
        call_ = [](void const* w, unsigned t) { (*static_cast<std::remove_reference_t<Work> const*>(w))(t); };
        thrown_.assign(threads, nullptr);
        at_work_ = static_cast<std::uint32_t>(helpers_.size());
        begin_round();
        do_part(0);
        for (auto still = at_work_.load(); still != 0; still = at_work_.load()) wait_while(at_work_, still);
        for (auto const& e : thrown_) {
            if (e) std::rethrow_exception(e);
        }
    }

private:
    void begin_round() {
        ++round_;
        round_.notify_all();
    }
    void do_part(unsigned t) {
        try {
            call_(work_, t);
        } catch (...) { thrown_[t] = std::current_exception(); }
    }
    void help(unsigned t, std::uint32_t seen) {
        for (;;) {
            wait_while(round_, seen);
            if (round_.load() == seen) continue;
            ++seen;
            if (stopping_) return;
            if (t < threads_) do_part(t);
            if (--at_work_ == 0) at_work_.notify_one();
        }
    }
    /// Looks some times before it sleeps: the next stage of a batch mostly follows at once.
    static void wait_while(std::atomic<std::uint32_t>& what, std::uint32_t value) {
        constexpr int looks = 200;
        for (int i = 0; i < looks; ++i) {
            if (what.load() != value) return;
            std::this_thread::yield();
        }
        what.wait(value);
    }

    std::vector<std::thread> helpers_;
    std::atomic<std::uint32_t> round_ = 0;
    std::atomic<std::uint32_t> at_work_ = 0;
    std::atomic<bool> stopping_ = false;
    unsigned threads_ = 1;
    void const* work_ = nullptr;
    void (*call_)(void const*, unsigned) = nullptr;
    std::vector<std::exception_ptr> thrown_;
};

}  // namespace patron::v1::detail
