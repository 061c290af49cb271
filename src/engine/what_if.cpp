#include <patron/engine/impl/what_if.ipp>
