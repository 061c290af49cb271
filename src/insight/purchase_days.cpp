#include <patron/insight/impl/purchase_days.ipp>
