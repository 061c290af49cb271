#include <patron/engine/impl/order_risk.ipp>
