#pragma once
// SHA-256, by OpenSSL: what chains a journal's rows and seals a snapshot.
#include <openssl/evp.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace patron::store_detail {

using digest = std::array<unsigned char, 32>;

[[nodiscard]] inline std::string_view view_of(digest const& d) noexcept {
    return {reinterpret_cast<char const*>(d.data()), d.size()};
}
/// The digest of the parts, one behind the other. Throws std::bad_alloc.
[[nodiscard]] inline digest digest_of(std::initializer_list<std::string_view> parts) {
    // one a thread: making a context costs more than hashing a short row
    thread_local std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> const context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    // one for all: threads that fetch it at the same time leave the copies of all but one behind
    static auto const* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    digest out{};
    bool sound = context && sha256 != nullptr && EVP_DigestInit_ex2(context.get(), sha256, nullptr) == 1;
    for (auto const part : parts) { sound = sound && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1; }
    unsigned size = 0;
    if (!sound || EVP_DigestFinal_ex(context.get(), out.data(), &size) != 1) throw std::bad_alloc{};
    return out;
}

/// Lower-case hexadecimal digits, two a byte.
[[nodiscard]] inline std::string hex_of(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (char const c : bytes) {
        auto const byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

}  // namespace patron::store_detail
