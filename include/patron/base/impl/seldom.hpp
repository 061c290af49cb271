#pragma once
#include <memory>

namespace patron::inline v1::detail {

/// What most do not have: a pointer's room until it is first edited, and empty until then.
template <class T>
class seldom {
public:
    seldom() noexcept = default;
    seldom(seldom&&) noexcept = default;
    seldom& operator=(seldom&&) noexcept = default;
    seldom(seldom const& other) : held_{other.held_ ? std::make_unique<T>(*other.held_) : nullptr} {}
    seldom& operator=(seldom const& other) {
        *this = seldom{other};
        return *this;
    }
    ~seldom() = default;

    [[nodiscard]] T const& operator*() const noexcept {
        static T const none{};
        return held_ ? *held_ : none;
    }
    [[nodiscard]] T const* operator->() const noexcept { return &**this; }
    /// Null while it was never edited.
    [[nodiscard]] T* if_held() noexcept { return held_.get(); }
    [[nodiscard]] T& edit() {
        if (!held_) held_ = std::make_unique<T>();
        return *held_;
    }

private:
    std::unique_ptr<T> held_;
};

}  // namespace patron::v1::detail
