// Which facts may a feed state, and with which fields? Printed from their one description.
#include <patron/fact/fact.hpp>

#include <iostream>
#include <string>

using namespace patron;

namespace {

constexpr std::string_view name_of_shape(field_shape shape) {
    constexpr std::string_view names[] = {"text", "money", "number", "true/false", "string", "list"};
    return names[static_cast<std::size_t>(shape)];
}

void print_fields(std::span<field_info const> fields, bool required) {
    std::string line;
    for (auto const& field : fields) {
        if (field.required != required || field.name == "ref" || field.name == "at" || field.name == "customer")
            continue;
        line += line.empty() ? "" : ", ";
        line += std::string{field.name} + ' ' + std::string{name_of_shape(field.shape)};
        if (field.record.empty()) continue;
        line += " of {";
        for (auto const& part : field.record)
            line += (part.name == field.record.front().name ? "" : ", ") + std::string{part.name};
        line += '}';
    }
    if (!line.empty()) std::cout << (required ? "    required  " : "    optional  ") << line << '\n';
}

}  // namespace

int main() {
    for (std::size_t i = 0; i < fact_kind_count; ++i) {
        auto const kind = static_cast<fact_kind>(i);
        auto const fields = fields_of(kind);
        bool const of_a_customer = fields.size() > 2 && fields[2].name == "customer";
        std::cout << name_of(kind) << " - " << title_of(kind, false) << (of_a_customer ? "" : " (no customer)") << '\n';
        print_fields(fields, true);
        print_fields(fields, false);
    }
}
