#pragma once

namespace signet::crypto {

// The deleter of a std::unique_ptr to an object of OpenSSL, from the function that frees it:
// std::unique_ptr<BIO, Freer<&BIO_free>>.
template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

}  // namespace signet::crypto
