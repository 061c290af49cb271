#include <patron/lifecycle/impl/assessment.ipp>
