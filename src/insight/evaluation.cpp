#include <patron/insight/impl/evaluation.ipp>
