#include <patron/engine/impl/decision.ipp>
