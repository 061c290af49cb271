#include <patron/engine/impl/fold.ipp>
