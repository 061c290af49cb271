#include <patron/engine/impl/house_rules.ipp>
