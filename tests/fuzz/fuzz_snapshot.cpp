#include <patron/engine/engine.hpp>
#include <patron/testing/simulation.hpp>

#include "../../src/store/snapshot.hpp"
#include "check.hpp"

#include <string>
#include <vector>

using namespace patron;

namespace {

/// The images of a small book: what an input changes.
std::vector<std::string> const& sound_images() {
    static auto const images = [] {
        engine book;
        testing::simulation told{{.customers = 40, .months = 6, .seed = 5}};
        while (auto f = told.next()) (void)book.apply(*f);
        detail::keeper keep{book};
        std::vector<std::string> all;
        for (std::uint16_t s = 0; s < slots_in_all; ++s) all.push_back(store_detail::write_image(keep, s));
        return all;
    }();
    return images;
}

}  // namespace

// The input is a list of changes to a sound image: two bytes for the slot, then three bytes each, place and value;
// an input that begins with FF FF is an image itself.
extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    if (size < 2) return 0;
    auto const slot = static_cast<std::uint16_t>((data[0] | data[1] << 8) % slots_in_all);
    std::string image;
    if (data[0] == 0xFF && data[1] == 0xFF) {
        image.assign(reinterpret_cast<char const*>(data) + 2, size - 2);
    } else {
        image = sound_images()[slot];
        for (std::size_t i = 2; i + 2 < size; i += 3) {
            image[(data[i] | std::size_t{data[i + 1]} << 8U) % image.size()] = static_cast<char>(data[i + 2]);
        }
    }
    engine book;
    detail::keeper keep{book};
    keep.prepare_threads(1);
    if (!store_detail::read_image(keep, 0, slot, image)) return 0;
    // what was believed can be used: written again, and asked
    (void)store_detail::write_image(keep, slot);
    book.each_by_code([](customer_row const& row) {
        std::string line;
        append_json(line, row);
        return true;
    });
    (void)book.advance_to(last_day);
    return 0;
}
