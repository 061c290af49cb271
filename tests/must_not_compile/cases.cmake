# the diagnostics name the state and the event at fault
must_not_compile(machine_duplicate_row
    "duplicate_row<(leasing::)?state::offered, (leasing::)?event::ended, 3")
must_not_compile(machine_shadowed_row
    "shadowed_row<(leasing::)?state::running, (leasing::)?event::ended, 4")
must_not_compile(machine_unreachable_state "unreachable_state<(leasing::)?state::running>")
must_not_compile(machine_dead_end "dead_end<(leasing::)?state::running>")
must_not_compile(machine_unanswered_event
    "unanswered_event<(leasing::)?state::running, (leasing::)?event::signed_>")
must_not_compile(machine_row_without_target "a row ends in .to\\(state\\), .stays\\(\\) or .ignored\\(\\)")
must_not_compile(machine_two_guards "no matching .*when")
must_not_compile(machine_foreign_event "other")

must_not_compile(code_not_snake_case "base/id.hpp:[0-9]+:.*constant")
must_not_compile(money_literal_scale "base/money.hpp:[0-9]+:.*constant")

must_not_compile(store_without_verify "s\\.verify\\(\\).* invalid")

must_not_compile(policy_wrong_return "reward\\(context const&, effects&\\) of a policy is const and returns void")
must_not_compile(policy_not_const "penalise\\(context const&, effects&\\) of a policy is const and returns void")
must_not_compile(policy_lowers_price "price_cut")
must_not_compile(customer_facing_leak "letter_to_customer|customer_facing")
