#include <patron/engine/impl/explain.ipp>
