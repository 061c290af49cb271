#include <patron/lifecycle/impl/history.ipp>
