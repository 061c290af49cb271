#include <patron/engine/impl/why_not.ipp>
