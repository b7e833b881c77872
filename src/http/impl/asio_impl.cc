// Boost.Asio's own code, compiled once (BOOST_ASIO_SEPARATE_COMPILATION): halves the time of every
// file that uses it.
#include <boost/asio/impl/src.hpp>
