#include <patron/engine/impl/held_orders.ipp>
