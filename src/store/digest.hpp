#pragma once
// SHA-256, by OpenSSL: what chains a journal's rows and seals a snapshot.
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace patron::store_detail {

using digest = std::array<unsigned char, 32>;

/// The digest of the parts, one behind the other. Throws std::bad_alloc.
[[nodiscard]] digest digest_of(std::initializer_list<std::string_view> parts);

[[nodiscard]] inline std::string_view view_of(digest const& d) noexcept {
    return {reinterpret_cast<char const*>(d.data()), d.size()};
}
/// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string hex_of(std::string_view bytes);

}  // namespace patron::store_detail
