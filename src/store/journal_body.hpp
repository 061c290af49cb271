#pragma once
// How a row of a journal holds entries: exact bytes that are the same on every machine. A reader of them believes
// nothing: whatever the bytes, it stays within them and says whether they are what a writer writes.
#include <patron/engine/event_store.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patron::store_detail {

/// Little-endian.
template <class T>
void put_fixed(char* at, T value) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(at, &value, sizeof value);
    } else {
        for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<char>(value >> (8U * i));
    }
}
template <class T>
[[nodiscard]] T get_fixed(char const* at) noexcept {
    T value{};
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&value, at, sizeof value);
    } else {
        for (std::size_t i = sizeof value; i > 0; --i) {
            value = static_cast<T>(value << 8U | static_cast<unsigned char>(at[i - 1]));
        }
    }
    return value;
}
template <class T>
void append_fixed(std::string& out, T value) {
    char bytes[sizeof value];
    put_fixed(bytes, value);
    out.append(bytes, sizeof value);
}

/// Seven bits a byte, the low ones first; the last has its high bit clear and is not 0 unless it is the only one.
inline constexpr std::size_t longest_varint = 10;
inline char* put_varint(char* at, std::uint64_t n) noexcept {
    for (; n >= 0x80U; n >>= 7U) *at++ = static_cast<char>(n | 0x80U);
    *at++ = static_cast<char>(n);
    return at;
}
[[nodiscard]] inline std::optional<std::uint64_t> take_varint(std::string_view& from) noexcept {
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < from.size() && i < longest_varint; ++i) {
        auto const byte = static_cast<unsigned char>(from[i]);
        if (i == longest_varint - 1 && byte > 1) return {};
        n |= std::uint64_t{byte & 0x7FU} << (7U * i);
        if (byte < 0x80U) {
            if (byte == 0 && i > 0) return {};
            from.remove_prefix(i + 1);
            return n;
        }
    }
    return {};
}

/// The reference of an encoded fact; nothing when the bytes end before it does. Precondition: not empty.
[[nodiscard]] inline std::optional<std::string_view> reference_in(std::string_view bytes) noexcept {
    auto const head = static_cast<unsigned char>(bytes.front());
    auto const has_left_in = (head & 0x80U) != 0;  // a mask of fields comes first
    std::size_t const of_kind = (head & 0x3FU) == 0x37U ? 2 : 1;
    if (bytes.size() < of_kind) return {};
    bytes.remove_prefix(of_kind);
    if (has_left_in && !take_varint(bytes)) return {};
    auto const size = take_varint(bytes);
    if (!size || *size > bytes.size()) return {};
    return bytes.substr(0, static_cast<std::size_t>(*size));
}

/// Collects entries into the body of one row: their count, then of each its slot, customer and bytes.
class body_writer {
public:
    /// A row ends before the entry that would make it longer than this.
    static constexpr std::size_t usual_size = std::size_t{32} << 10U;

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
    [[nodiscard]] bool has_room_for(journal_entry const& e) const noexcept {
        return count_ == 0 || (end_ + most_of(e) <= head_room + usual_size && count_ < UINT16_MAX);
    }
    void add(journal_entry const& e) {
        if (end_ + most_of(e) > capacity_) grow(end_ + most_of(e));
        auto* at = bytes_.get() + end_;
        put_fixed(at, e.slot);
        at = put_varint(at + 2, e.customer.size());
        at = put(at, e.customer);
        at = put_varint(at, e.bytes.size());
        at = put(at, e.bytes);
        end_ = static_cast<std::size_t>(at - bytes_.get());
        ++count_;
    }
    /// The body so far. Valid until the next change.
    [[nodiscard]] std::string_view body() noexcept {
        if (capacity_ == 0) grow(head_room);
        char head[longest_varint];
        auto const size = static_cast<std::size_t>(put_varint(head, count_) - head);
        auto* const begin = bytes_.get() + head_room - size;
        std::memcpy(begin, head, size);
        return {begin, end_ - head_room + size};
    }
    void clear() noexcept {
        count_ = 0;
        end_ = head_room;
    }

private:
    static constexpr std::size_t head_room = longest_varint;  // for the count, which is known last

    static std::size_t most_of(journal_entry const& e) noexcept {
        return 2 + 2 * longest_varint + e.customer.size() + e.bytes.size();
    }
    static char* put(char* at, std::string_view text) noexcept {
        if (!text.empty()) std::memcpy(at, text.data(), text.size());
        return at + text.size();
    }
    void grow(std::size_t size) {
        auto const capacity = std::max(size, head_room + usual_size);
        std::unique_ptr<char[]> bigger{new char[capacity]};
        if (bytes_) std::memcpy(bigger.get(), bytes_.get(), end_);
        bytes_ = std::move(bigger);
        capacity_ = capacity;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t end_ = head_room;
    std::uint32_t count_ = 0;
};

/// Reads a row's entries one by one; they are views of the body.
class body_reader {
public:
    body_reader() = default;
    explicit body_reader(std::string_view body) noexcept : rest_{body} {
        constexpr std::size_t least_of_one = 5;
        auto const count = take_varint(rest_);
        sound_ = count && *count > 0 && *count <= rest_.size() / least_of_one;
        count_ = left_ = sound_ ? *count : 0;
    }

    /// As the body states it; 0 when that cannot be.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// The next one; false behind the last, or when the bytes are not what a writer writes.
    bool next(journal_entry& out) noexcept {
        if (left_ == 0 || !sound_) return false;
        if (rest_.size() < 2) return sound_ = false;
        out.slot = get_fixed<std::uint16_t>(&rest_.front());
        rest_.remove_prefix(2);
        sound_ = out.slot < slots_in_all && take_text(out.customer) && take_text(out.bytes) && !out.bytes.empty();
        --left_;
        if (left_ == 0 && !rest_.empty()) sound_ = false;
        return sound_;
    }
    /// Whether all that was read so far was sound; behind the last one: the whole body.
    [[nodiscard]] bool sound() const noexcept { return sound_; }

private:
    bool take_text(std::string_view& out) noexcept {
        std::uint64_t size = 0;
        if (!rest_.empty() && static_cast<unsigned char>(rest_.front()) < 0x80U) {  // nearly all are short
            size = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
        } else if (auto const longer = take_varint(rest_)) {
            size = *longer;
        } else {
            return false;
        }
        if (size > rest_.size()) return false;
        out = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(static_cast<std::size_t>(size));
        return true;
    }

    std::string_view rest_{};
    std::uint64_t left_ = 0;
    std::uint64_t count_ = 0;
    bool sound_ = false;
};

}  // namespace patron::store_detail
