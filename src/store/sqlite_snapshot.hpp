#pragma once
// A snapshot's file, beside the database: a head of 64 bytes, then the images one behind the other. What the database
// has of it, the images' sizes and digests under one seal, decides whether a byte of the file is believed.
#include <patron/engine/event_store.hpp>

#include "digest.hpp"
#include "journal_body.hpp"
#include "sqlite_database.hpp"
#include "sqlite_files.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace patron::store_detail {

/// A file that closes itself.
class open_file {
public:
    open_file(files& f, int file) noexcept : files_{f}, file_{file} {}
    open_file(open_file const&) = delete;
    open_file& operator=(open_file const&) = delete;
    ~open_file() { close(); }
    [[nodiscard]] int get() const noexcept { return file_; }
    void close() noexcept {
        if (file_ >= 0) files_.close(std::exchange(file_, -1));
    }

private:
    files& files_;
    int file_;
};

/// What the database keeps of a snapshot.
struct snapshot_record {
    std::int64_t generation = 0;
    std::string images{};  ///< of each: slot, version, size, digest
    std::string seal{};
};
inline constexpr std::size_t snapshot_image_size = 2 + 8 + 8 + 32;
inline constexpr std::size_t snapshot_head_size = 64;

[[nodiscard]] inline error damaged_snapshot(std::string const& path, std::string saw) {
    return {.code = errc::damaged,
            .field = "snapshot",
            .saw = std::move(saw),
            .remedy = "the journal has it all: read that, and save another",
            .source = path};
}

[[nodiscard]] inline digest seal_of_snapshot(std::int64_t generation, std::string_view images) {
    std::string number;
    append_fixed(number, static_cast<std::uint64_t>(generation));
    return digest_of({"patron snapshot", number, images});
}
[[nodiscard]] inline std::string snapshot_head(snapshot_record const& r) {
    std::string head{"patron snapshot\n"};
    append_fixed(head, std::uint32_t{1});  // of the form
    append_fixed(head, static_cast<std::uint32_t>(r.images.size() / snapshot_image_size));
    append_fixed(head, static_cast<std::uint64_t>(r.generation));
    return head + r.seal;
}
inline constexpr std::size_t snapshot_generation_at = 24;

/// Runs `work(i)` for all i below `count`, on two threads.
template <class Work>
void on_two_threads(std::size_t count, Work const& work) {
    std::atomic<std::size_t> next{0};
    auto const run = [&] {
        for (auto i = next++; i < count; i = next++) work(i);
    };
    if (count < 2) return run();
    std::jthread const other{run};
    run();
}

[[nodiscard]] inline snapshot_record record_of(std::int64_t generation, std::vector<slot_image> const& images) {
    snapshot_record r{.generation = generation};
    r.images.resize(images.size() * snapshot_image_size);
    on_two_threads(images.size(), [&](std::size_t i) {
        auto* const at = r.images.data() + i * snapshot_image_size;
        put_fixed(at, images[i].slot);
        put_fixed(at + 2, images[i].version);
        put_fixed(at + 10, static_cast<std::uint64_t>(images[i].bytes.size()));
        auto const d = digest_of({images[i].bytes});
        std::memcpy(at + 18, d.data(), d.size());
    });
    r.seal = view_of(seal_of_snapshot(generation, r.images));
    return r;
}

/// A name that this process has not given: in a container a process before it may have had the same number.
[[nodiscard]] inline std::string temporary_beside(std::string const& path) {
    static std::atomic<unsigned> count{0};
    for (;;) {
        auto out = path + '.' + std::to_string(::getpid()) + '-' + std::to_string(++count) + ".tmp";
        std::error_code unknown;
        if (!std::filesystem::exists(std::filesystem::symlink_status(out, unknown))) return out;
    }
}
/// The process that gave a file the name `temporary_beside` a path whose own name begins with `prefix`; 0: nobody.
[[nodiscard]] inline pid_t owner_of_temporary(std::string_view name, std::string_view prefix) noexcept {
    constexpr std::string_view end = ".tmp";
    if (!name.starts_with(prefix)) return 0;
    name.remove_prefix(prefix.size());
    for (auto const beside : {std::string_view{".snapshot"}, std::string_view{"-wal"}, std::string_view{"-shm"}}) {
        if (name.ends_with(beside)) name.remove_suffix(beside.size());  // of a backup that was under way
    }
    if (!name.ends_with(end)) return 0;
    name.remove_suffix(end.size());
    pid_t owner = 0;
    unsigned count = 0;
    auto const* const begin = name.data();
    auto const* const last = begin + name.size();
    auto const first = std::from_chars(begin, last, owner);
    if (first.ec != std::errc{} || first.ptr == last || *first.ptr != '-') return 0;
    auto const second = std::from_chars(first.ptr + 1, last, count);
    return second.ec == std::errc{} && second.ptr == last && owner > 0 ? owner : 0;
}
/// Removes what processes that are gone have left half written beside `path`.
inline void remove_left_beside(files& calls, std::string const& path) {
    std::error_code ignored;
    auto const whole = std::filesystem::path{path};
    auto const prefix = whole.filename().string() + '.';
    std::filesystem::directory_iterator each{whole.parent_path(), ignored};
    for (; !ignored && each != std::filesystem::directory_iterator{}; each.increment(ignored)) {
        auto const owner = owner_of_temporary(each->path().filename().string(), prefix);
        if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) calls.remove(each->path().string());
    }
}

/// Writes the file under another name, and flushes it. Removes it when that fails.
inline result<void> write_snapshot(files& calls, std::string const& path, snapshot_record const& record,
                                   std::vector<slot_image> const& images) {
    auto const created = calls.create(path);
    if (!created) return created.error();
    open_file file{calls, created.value()};
    auto done = calls.write(file.get(), snapshot_head(record));
    for (auto const& image : images) {
        if (done) done = calls.write(file.get(), image.bytes);
    }
    if (done) done = calls.sync(file.get());
    file.close();
    if (!done) calls.remove(path);
    return done;
}

/// A snapshot's file that has been opened and belongs to what the database has of it; its images are not read yet.
class snapshot_file {
public:
    struct entry {
        slot_image image;     ///< without bytes
        std::uint64_t start;  ///< in the file
        std::size_t size;
        std::string_view expected;  ///< its digest
    };

    /// Errors: errc::damaged, io_failure.
    static result<snapshot_file> open(files& calls, std::shared_ptr<open_file> file, std::string path,
                                      snapshot_record record) {
        snapshot_file out{calls, std::move(file), std::move(path), std::move(record)};
        auto const& r = *out.record_;
        if (r.images.size() % snapshot_image_size != 0 || r.seal != view_of(seal_of_snapshot(r.generation, r.images))) {
            return damaged_snapshot(out.path_, "a list of images, in the database, that is not what was saved");
        }
        auto const held = calls.size(out.file_->get());
        if (!held) return held.error();
        std::uint64_t end = snapshot_head_size;
        for (std::size_t i = 0; i < r.images.size() / snapshot_image_size; ++i) {
            auto const* const at = r.images.data() + i * snapshot_image_size;
            auto const length = get_fixed<std::uint64_t>(at + 10);
            if (length > held.value()) {
                return damaged_snapshot(out.path_, std::to_string(held.value()) + " bytes: too few");
            }
            out.entries_.push_back({{get_fixed<std::uint16_t>(at), get_fixed<std::uint64_t>(at + 2)},
                                    end,
                                    static_cast<std::size_t>(length),
                                    {at + 18, sizeof(digest)}});
            end += length;
        }
        if (held.value() != end) {
            return damaged_snapshot(out.path_, std::to_string(held.value()) + " bytes, not " + std::to_string(end));
        }
        char head[snapshot_head_size];
        if (auto const read = calls.read(out.file_->get(), 0, head, sizeof head); !read) return read.error();
        if (std::string_view{head, sizeof head} != snapshot_head(r)) {
            return damaged_snapshot(out.path_, "the head of another file");
        }
        return out;
    }

    [[nodiscard]] std::vector<entry> const& entries() const noexcept { return entries_; }
    [[nodiscard]] std::int64_t generation() const noexcept { return record_->generation; }
    /// Where the images begin in the file, and how long they are together.
    [[nodiscard]] std::size_t bytes() const noexcept {
        return entries_.empty()
                   ? 0
                   : static_cast<std::size_t>(entries_.back().start) + entries_.back().size - snapshot_head_size;
    }

    /// Reads one image to `to`, which has room for it, and believes it only when its digest fits. Any thread.
    /// Errors: errc::damaged, io_failure.
    result<void> read(entry const& e, char* to) const {
        if (auto const done = calls_->read(file_->get(), e.start, to, e.size); !done) return done.error();
        if (view_of(digest_of({std::string_view{to, e.size}})) != e.expected) {
            return damaged_snapshot(path_,
                                    "an image of slot " + std::to_string(e.image.slot) + " that is not what was saved");
        }
        return {};
    }

private:
    snapshot_file(files& calls, std::shared_ptr<open_file> file, std::string path, snapshot_record record)
        : calls_{&calls},
          file_{std::move(file)},
          path_{std::move(path)},
          record_{std::make_shared<snapshot_record const>(std::move(record))} {}

    files* calls_;
    std::shared_ptr<open_file> file_;
    std::string path_;
    std::shared_ptr<snapshot_record const> record_;
    std::vector<entry> entries_;
};

/// Calls `work(thread, i)` for all i below `count` on so many threads; the first error ends it.
template <class Work>
result<void> on_threads(unsigned threads, std::size_t count, Work const& work) {
    std::atomic<std::size_t> next{0};
    std::mutex guard;
    result<void> ended;
    std::atomic<bool> over{false};
    std::exception_ptr thrown;
    auto const run = [&](unsigned t) {
        try {
            for (auto i = next++; i < count && !over; i = next++) {
                if (auto const done = work(t, i); !done) {
                    std::lock_guard const lock{guard};
                    if (!over.exchange(true)) ended = done;
                }
            }
        } catch (...) {
            std::lock_guard const lock{guard};
            over = true;
            thrown = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> others;
        for (unsigned t = 1; t < threads && t < count; ++t) others.emplace_back(run, t);
        run(0);
    }
    if (thrown) std::rethrow_exception(thrown);
    return ended;
}

/// All images of a snapshot in one piece of memory. Errors: errc::damaged, io_failure.
inline result<kept_snapshot> read_whole(snapshot_file const& from) {
    std::shared_ptr<char[]> const memory{new char[from.bytes()]};  // not zeroed: it is read into at once
    kept_snapshot out;
    out.slots.resize(from.entries().size());
    auto const read = on_threads(2, from.entries().size(), [&](unsigned, std::size_t i) -> result<void> {
        auto const& e = from.entries()[i];
        auto* const to = memory.get() + (e.start - snapshot_head_size);
        out.slots[i] = {e.image.slot, e.image.version, {to, e.size}};
        return from.read(e, to);
    });
    if (!read) return read.error();
    out.memory = memory;
    return out;
}

/// Hands the images one by one to `take`, on so many threads, each with room for one at a time. The largest come first, so
/// that no thread is left with one when the others have ended.
inline result<void> read_each(snapshot_file const& from, unsigned threads, image_visitor const& take) {
    std::vector<std::size_t> order(from.entries().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return from.entries()[a].size > from.entries()[b].size; });
    struct held_room {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
    };
    std::vector<held_room> rooms(threads);
    return on_threads(threads, order.size(), [&](unsigned t, std::size_t i) -> result<void> {
        auto const& e = from.entries()[order[i]];
        auto& room = rooms[t];
        if (room.size < e.size) room = {std::make_unique_for_overwrite<char[]>(e.size), e.size};
        if (auto const done = from.read(e, room.bytes.get()); !done) return done;
        return take(t, {e.image.slot, e.image.version, {room.bytes.get(), e.size}});
    });
}

/// What the database has of that generation.
[[nodiscard]] inline result<std::optional<snapshot_record>> snapshot_in(database& d, std::int64_t generation) {
    query q{d, "SELECT seal, images FROM snapshot WHERE generation = ?1"};
    auto const found = q.with(generation).next();
    if (!found) return found.error();
    if (!found.value()) return std::optional<snapshot_record>{};
    return std::optional{snapshot_record{generation, q.text(1), q.text(0)}};
}
/// Whether the database has one that was brought to its place.
[[nodiscard]] inline result<bool> has_placed_snapshot(database& d) {
    query q{d, "SELECT 1 FROM snapshot WHERE placed <> 0"};
    return q.next();
}

/// What is at `path` if it is what the database has; `ask(question)` puts a question to the database.
template <class Ask>
result<std::optional<snapshot_file>> open_snapshot_now(files& calls, std::string const& path, Ask const& ask) {
    auto const opened = calls.open_to_read(path);
    if (!opened) return opened.error();
    if (opened.value() < 0) {
        auto const placed = ask([](database& d) { return has_placed_snapshot(d); });
        if (!placed) return placed.error();
        if (placed.value()) return damaged_snapshot(path, "nothing where one was saved");
        return std::optional<snapshot_file>{};
    }
    auto file = std::make_shared<open_file>(calls, opened.value());
    char head[snapshot_head_size];
    if (auto const read = calls.read(file->get(), 0, head, sizeof head); !read) {
        if (read.error().code == errc::damaged) return damaged_snapshot(path, "a file that ends too soon");
        return read.error();
    }
    auto const generation = static_cast<std::int64_t>(get_fixed<std::uint64_t>(head + snapshot_generation_at));
    auto record = ask([&](database& d) { return snapshot_in(d, generation); });
    if (!record) return record.error();
    if (!record.value()) return damaged_snapshot(path, "another one than was saved last");
    auto out = snapshot_file::open(calls, std::move(file), path, std::move(*record.value()));
    if (!out) return out.error();
    return std::optional{std::move(out.value())};
}

/// The same. Another process may put a new one in its place while this looks, and then that is there.
template <class Ask>
result<std::optional<snapshot_file>> open_snapshot(files& calls, std::string const& path, Ask const& ask) {
    for (int left = 3;; --left) {
        auto out = open_snapshot_now(calls, path, ask);
        if (out || out.error().code != errc::damaged || left == 0) return out;
    }
}

/// The same, with all of its images.
struct loaded_snapshot {
    std::int64_t generation = 0;
    kept_snapshot images{};
};
template <class Ask>
result<std::optional<loaded_snapshot>> load_snapshot_of(files& calls, std::string const& path, Ask const& ask) {
    auto const found = open_snapshot(calls, path, ask);
    if (!found) return found.error();
    if (!found.value()) return std::optional<loaded_snapshot>{};
    auto images = read_whole(*found.value());
    if (!images) return images.error();
    return std::optional{loaded_snapshot{found.value()->generation(), std::move(images.value())}};
}

}  // namespace patron::store_detail
