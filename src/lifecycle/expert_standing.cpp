#include <patron/lifecycle/impl/expert_standing.ipp>
