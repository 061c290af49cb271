#include <patron/engine/impl/engine.ipp>
