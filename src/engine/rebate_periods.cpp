#include <patron/engine/impl/rebate_periods.ipp>
