#include <patron/customer/impl/rebate_book.ipp>
