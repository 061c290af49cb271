#include <patron/insight/impl/scores.ipp>
