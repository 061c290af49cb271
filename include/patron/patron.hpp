/// All of the core: facts in, each customer's stage out, with the reason.
///
/// Feeds (patron/feed/…) and the testing kit (patron/testing/…) are included on their own.
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/id.hpp>
#include <patron/base/money.hpp>
#include <patron/base/rate.hpp>
#include <patron/base/result.hpp>
#include <patron/base/text.hpp>
#include <patron/customer/profile.hpp>
#include <patron/customer/rebate.hpp>
#include <patron/customer/records.hpp>
#include <patron/customer/stage.hpp>
#include <patron/customer/state.hpp>
#include <patron/engine/decision.hpp>
#include <patron/engine/engine.hpp>
#include <patron/engine/explain.hpp>
#include <patron/engine/fold.hpp>
#include <patron/engine/row.hpp>
#include <patron/fact/fact.hpp>
#include <patron/insight/share_of_wallet.hpp>
#include <patron/lifecycle/assessment.hpp>
#include <patron/lifecycle/complaint.hpp>
#include <patron/lifecycle/evidence.hpp>
#include <patron/lifecycle/history.hpp>
#include <patron/lifecycle/playbook.hpp>
#include <patron/lifecycle/relationship.hpp>
#include <patron/lifecycle/rules.hpp>
#include <patron/machine/checks.hpp>
#include <patron/machine/step.hpp>
#include <patron/machine/table.hpp>
#include <patron/policy/reason.hpp>
