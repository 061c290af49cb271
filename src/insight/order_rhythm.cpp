#include <patron/insight/impl/order_rhythm.ipp>
