/// The names of an enumeration's values, read from the compiler, so that nobody writes them twice.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace patron::inline v1::machine {

/// What states, events, guards and actions are: an enumeration of one byte whose values count
/// up from zero without a gap.
template <class E>
concept byte_enum = std::is_enum_v<E> && std::is_same_v<std::underlying_type_t<E>, std::uint8_t>;

namespace detail {

template <auto V>
constexpr std::string_view spelled() noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
    std::string_view const text = __FUNCSIG__;
    auto const end = text.rfind(">(");
#else
    std::string_view const text = __PRETTY_FUNCTION__;
    auto const end = text.find_first_of(";]", text.find("V = "));  // GCC adds "; std::string_view = ..."
#endif
    auto const begin = text.find_last_of(" :,<)", end - 1) + 1;
    return text.substr(begin, end - begin);
}

/// A value without an enumerator is spelled as a cast, "(color)7", and so starts with a digit.
template <class E, std::size_t I>
constexpr bool has_name() noexcept {
    return I < 256 && !(spelled<static_cast<E>(I)>().front() >= '0' && spelled<static_cast<E>(I)>().front() <= '9');
}

template <class E, std::size_t I = 0>
constexpr std::size_t count() noexcept {
    if constexpr (has_name<E, I>()) return count<E, I + 1>();
    else return I;
}

constexpr std::string_view without_trailing_underscore(std::string_view name) noexcept {
    if (name.size() > 1 && name.back() == '_') name.remove_suffix(1);
    return name;
}

template <class E, std::size_t... I>
constexpr std::array<std::string_view, sizeof...(I)> names(std::index_sequence<I...>) noexcept {
    return {without_trailing_underscore(spelled<static_cast<E>(I)>())...};
}

}  // namespace detail

/// How many values `E` has.
template <byte_enum E>
inline constexpr std::size_t count_of = detail::count<E>();

/// The names of `E` in the order of its values. One trailing underscore, which keeps a name clear
/// of a keyword, is not part of it: `event::signed_` is "signed".
template <byte_enum E>
inline constexpr std::array<std::string_view, count_of<E>> names_of =
    detail::names<E>(std::make_index_sequence<count_of<E>>{});

/// The name of `value`; the value must be one of the enumeration's. Constant time.
template <byte_enum E>
[[nodiscard]] constexpr std::string_view name_of(E value) noexcept {
    return names_of<E>[static_cast<std::size_t>(value)];
}

namespace detail {

/// False when two names differ only by the underscore that is dropped.
template <byte_enum E>
constexpr bool names_differ() noexcept {
    for (std::size_t i = 0; i < count_of<E>; ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (names_of<E>[i] == names_of<E>[j]) return false;
    return true;
}

}  // namespace detail

/// The value of that name, or nothing. Linear in the number of values.
template <byte_enum E>
[[nodiscard]] constexpr std::optional<E> named(std::string_view name) noexcept {
    for (std::size_t i = 0; i < count_of<E>; ++i)
        if (names_of<E>[i] == name) return static_cast<E>(i);
    return std::nullopt;
}

}  // namespace patron::v1::machine
