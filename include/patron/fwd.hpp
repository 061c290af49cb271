/// Names of the core, without what is behind them.
#pragma once
#include <cstdint>

namespace patron::inline v1 {

enum class errc : std::uint8_t;
struct error;
class currency;
class money;
class decimal;
class basis_points;
class moment;
class period;
struct text;
enum class language : std::uint8_t;

enum class stage : std::uint8_t;
enum class fact_kind : std::uint8_t;
struct customer_state;
struct customer_records;
struct customer_view;
struct customer_profile;
struct received;

struct reason;
struct decision;
struct customer_row;
struct explanation;
struct engine_options;
class engine;

namespace machine {
struct description;
class dynamic;
}  // namespace machine

namespace lifecycle {
struct relationship;
struct lifecycle_rules;
struct assessment;
struct evidence;
struct stage_history;
struct stage_flows;
}  // namespace lifecycle

namespace feed {
class json_lines;
class csv;
class block_reader;
}  // namespace feed

}  // namespace patron::v1
