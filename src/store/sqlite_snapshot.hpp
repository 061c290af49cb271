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
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
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

[[nodiscard]] inline std::string temporary_beside(std::string const& path) {
    static std::atomic<unsigned> count{0};
    return path + '.' + std::to_string(::getpid()) + '-' + std::to_string(++count) + ".tmp";
}
/// Removes what processes that are gone have left half written beside `path`.
inline void remove_left_beside(files& calls, std::string const& path) {
    std::error_code ignored;
    auto const whole = std::filesystem::path{path};
    auto const prefix = whole.filename().string() + '.';
    for (auto const& each : std::filesystem::directory_iterator{whole.parent_path(), ignored}) {
        auto const name = each.path().filename().string();
        if (!name.starts_with(prefix) || !name.ends_with(".tmp")) continue;
        auto const owner = std::strtol(name.c_str() + prefix.size(), nullptr, 10);
        if (owner > 0 && ::kill(static_cast<pid_t>(owner), 0) != 0 && errno == ESRCH)
            calls.remove(each.path().string());
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

/// Reads the file that `file` is, whose generation is the record's, and believes none of it before its digest fits.
/// Errors: errc::damaged, io_failure.
inline result<kept_snapshot> read_snapshot(files& calls, int file, std::string const& path,
                                           snapshot_record const& record) {
    if (record.images.size() % snapshot_image_size != 0 ||
        record.seal != view_of(seal_of_snapshot(record.generation, record.images))) {
        return damaged_snapshot(path, "a list of images, in the database, that is not what was saved");
    }
    auto const held = calls.size(file);
    if (!held) return held.error();
    kept_snapshot out;
    auto const count = record.images.size() / snapshot_image_size;
    out.slots.resize(count);
    std::vector<std::uint64_t> starts(count);
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
        auto const* const at = record.images.data() + i * snapshot_image_size;
        out.slots[i].slot = get_fixed<std::uint16_t>(at);
        out.slots[i].version = get_fixed<std::uint64_t>(at + 2);
        starts[i] = size;
        auto const length = get_fixed<std::uint64_t>(at + 10);
        if (length > held.value()) return damaged_snapshot(path, std::to_string(held.value()) + " bytes: too few");
        size += length;
    }
    if (held.value() != snapshot_head_size + size) {
        return damaged_snapshot(
            path, std::to_string(held.value()) + " bytes, not " + std::to_string(snapshot_head_size + size));
    }
    char head[snapshot_head_size];
    if (auto const read = calls.read(file, 0, head, sizeof head); !read) return read.error();
    if (std::string_view{head, sizeof head} != snapshot_head(record)) {
        return damaged_snapshot(path, "the head of another file");
    }
    std::shared_ptr<char[]> const memory{
        new char[static_cast<std::size_t>(size)]};  // not zeroed: it is read into at once
    std::atomic<std::size_t> wrong{count};
    std::atomic<bool> unread{false};
    result<void> fault;
    on_two_threads(count, [&](std::size_t i) {
        auto const length = static_cast<std::size_t>((i + 1 < count ? starts[i + 1] : size) - starts[i]);
        auto* const to = memory.get() + starts[i];
        if (auto const read = calls.read(file, snapshot_head_size + starts[i], to, length); !read) {
            if (!unread.exchange(true)) fault = read;
            return;
        }
        out.slots[i].bytes = {to, length};
        auto const* const expected = record.images.data() + i * snapshot_image_size + 18;
        if (std::memcmp(digest_of({out.slots[i].bytes}).data(), expected, sizeof(digest)) != 0) wrong = i;
    });
    if (unread) return fault.error();
    if (wrong != count) {
        return damaged_snapshot(
            path, "an image of slot " + std::to_string(out.slots[wrong].slot) + " that is not what was saved");
    }
    out.memory = memory;
    return out;
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

struct loaded_snapshot {
    std::int64_t generation = 0;
    kept_snapshot images{};
};

/// What is at `path` if it is what the database has; `ask(question)` puts a question to the database.
template <class Ask>
result<std::optional<loaded_snapshot>> load_snapshot_of(files& calls, std::string const& path, Ask const& ask) {
    auto const opened = calls.open_to_read(path);
    if (!opened) return opened.error();
    if (opened.value() < 0) {
        auto const placed = ask([](database& d) { return has_placed_snapshot(d); });
        if (!placed) return placed.error();
        if (placed.value()) return damaged_snapshot(path, "nothing where one was saved");
        return std::optional<loaded_snapshot>{};
    }
    open_file const file{calls, opened.value()};
    char head[snapshot_head_size];
    if (auto const read = calls.read(file.get(), 0, head, sizeof head); !read) {
        if (read.error().code == errc::damaged) return damaged_snapshot(path, "a file that ends too soon");
        return read.error();
    }
    auto const generation = static_cast<std::int64_t>(get_fixed<std::uint64_t>(head + snapshot_generation_at));
    auto const record = ask([&](database& d) { return snapshot_in(d, generation); });
    if (!record) return record.error();
    if (!record.value()) return damaged_snapshot(path, "another one than was saved last");
    auto images = read_snapshot(calls, file.get(), path, *record.value());
    if (!images) return images.error();
    return std::optional{loaded_snapshot{generation, std::move(images.value())}};
}

}  // namespace patron::store_detail
