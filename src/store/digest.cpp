#include "digest.hpp"

#include <openssl/evp.h>

#include <memory>
#include <new>

namespace patron::store_detail {

digest digest_of(std::initializer_list<std::string_view> parts) {
    // one a thread: making a context costs more than hashing a short row
    thread_local std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> const context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    thread_local auto const* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    digest out{};
    bool sound = context && sha256 != nullptr && EVP_DigestInit_ex2(context.get(), sha256, nullptr) == 1;
    for (auto const part : parts) {
        sound = sound && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    }
    unsigned size = 0;
    if (!sound || EVP_DigestFinal_ex(context.get(), out.data(), &size) != 1) throw std::bad_alloc{};
    return out;
}

std::string hex_of(std::string_view bytes) {
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
