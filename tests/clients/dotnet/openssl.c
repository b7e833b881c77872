/* The three functions of OpenSSL 1.1 that .NET 3.1 wants and OpenSSL 3 has under other names, or no more. */
#include <openssl/evp.h>
#include <openssl/ssl.h>

#undef EVP_MD_size
#undef SSL_get_peer_certificate

void ERR_put_error(int library, int function, int reason, const char* file, int line) {
  (void)library, (void)function, (void)reason, (void)file, (void)line;
}

int EVP_MD_size(const EVP_MD* digest) { return EVP_MD_get_size(digest); }

X509* SSL_get_peer_certificate(const SSL* connection) { return SSL_get1_peer_certificate(connection); }
