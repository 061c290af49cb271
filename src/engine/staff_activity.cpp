#include <patron/engine/impl/staff_activity.ipp>
